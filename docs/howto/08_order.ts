// Step 8. Jobs run side by side; their replies wait for their turn.
import { accept, listen } from "./01_echo.ts";
import { lines, replies } from "./02_lines.ts";
import { employ, run } from "./06_queue.ts";

/** The service handler: starts each line at once, and writes the replies in the lines' order. */
export async function serve(conn: Deno.Conn) {
  const reply = replies(conn);
  let last: Promise<void> = Promise.resolve();
  for await (const line of lines(conn)) {
    const done = Promise.all([run(line), last]); // its own answer, and the reply before it
    last = done.then(([text]) => reply(text)).catch(() => {});
  }
  await last;
}

if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  accept(listen(7108), serve);
}
