// Step 12. Ctrl-C: no new connection, no more reading, and an answer to every line that was read.
import { accept, listen } from "./01_echo.ts";
import { serve } from "./10_back_pressure.ts";
import { employ } from "./11_failure.ts";

const stop = new AbortController();
const open = new Set<Promise<void>>(); // the connections' service handlers

/** Reads from the connection until the stop, which makes the read that is under way fail. */
function read(conn: Deno.Conn, into: Uint8Array): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const quit = () => reject(new Error("the server stops"));
    if (stop.signal.aborted) return quit();
    stop.signal.addEventListener("abort", quit);
    conn.read(into).then(resolve, reject)
      .finally(() => stop.signal.removeEventListener("abort", quit));
  });
}

async function handle(conn: Deno.Conn) {
  const done = serve({ read: (into) => read(conn, into), writable: conn.writable });
  open.add(done);
  await done.finally(() => open.delete(done));
}

/** The whole server, from its start to its stop; `hire` starts a worker. */
export function start(port: number, hire: (id: number) => void) {
  for (const id of [1, 2]) hire(id);
  const listener = listen(port);
  accept(listener, handle);
  Deno.addSignalListener("SIGINT", async () => {
    listener.close();
    stop.abort();
    await Promise.allSettled(open);
    console.log("stopped: every line that was read is answered");
    Deno.exit(); // ends workers that hang, too
  });
}

if (import.meta.main) start(7112, employ);
