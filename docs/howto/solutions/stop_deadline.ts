// Exercise 7. The stop of step 12 with a deadline, and a second Ctrl-C that means it.
import { employ } from "../11_failure.ts";
import { start } from "../12_stop.ts";

const SECONDS = 1;
let asked = false;

function hurry() {
  if (asked) Deno.exit(130); // what a shell says of a program that Ctrl-C has ended
  asked = true;
  console.log("stopping; Ctrl-C again to stop at once");
  setTimeout(() => {
    console.log(`stopped: not all was answered within ${SECONDS} s`);
    Deno.exit(1);
  }, SECONDS * 1000);
}

if (import.meta.main) {
  start(7130, employ);
  Deno.addSignalListener("SIGINT", hurry); // beside step 12's own, which ends the program in time
}
