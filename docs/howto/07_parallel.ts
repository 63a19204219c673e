// Step 7. A connection no longer waits for its own lines: each reply is written when it is ready.
import { accept, listen } from "./01_echo.ts";
import { lines, replies } from "./02_lines.ts";
import { employ, run } from "./06_queue.ts";

/** The service handler: starts each line as soon as it is read. */
async function serve(conn: Deno.Conn) {
  const reply = replies(conn);
  let all: Promise<unknown> = Promise.resolve();
  for await (const line of lines(conn)) {
    const done = run(line).then(reply).catch(() => {}); // a client that left wants no reply
    all = Promise.all([all, done]);
  }
  await all; // the client has half-closed, and still waits for these
}

if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  accept(listen(7107), serve);
}
