// Step 10. A line needs a place before it may wait; while there is none, nothing more is read.
import { accept, listen } from "./01_echo.ts";
import { lines, replies } from "./02_lines.ts";
import { employ, queue, run } from "./06_queue.ts";

const PLACES = 100; // for lines that are read and not yet answered, of all connections
const waiting: (() => void)[] = []; // service handlers that wait for a place
let taken = 0, answered = 0, longest = 0;

async function enter() {
  while (taken === PLACES) await new Promise<void>((free) => waiting.push(free));
  taken++;
}

function leave() {
  taken--;
  waiting.shift()?.();
  if (++answered % 10_000 === 0) console.log(`${answered} answered, at most ${longest} waited`);
}

/** The service handler of step 8, which takes a place for each line before it goes on. */
export async function serve(conn: Pick<Deno.Conn, "read" | "writable">) {
  const reply = replies(conn);
  let last: Promise<void> = Promise.resolve();
  try {
    for await (const line of lines(conn)) {
      await enter();
      const done = Promise.all([run(line), last]);
      last = done.then(([text]) => reply(text)).catch(() => {}).finally(leave);
      longest = Math.max(longest, queue.length);
    }
  } finally {
    await last; // whatever ended the reading: what was read is answered
  }
}

if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  accept(listen(7110), serve);
}
