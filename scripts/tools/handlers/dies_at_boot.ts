/**
 * A handler module that loads unless there is a file "poison" in the folder that the environment variable
 * TEST_FOLDER names. Needs --allow-env and --allow-read.
 */

let poisoned = true;
try {
  Deno.statSync(`${Deno.env.get("TEST_FOLDER")}/poison`);
} catch {
  poisoned = false;
}
if (poisoned) throw new Error("the handler is poisoned");

export { default } from "./trouble.ts";
