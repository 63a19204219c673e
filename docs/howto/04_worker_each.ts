// Step 4. A thread for every request: the work leaves the thread that reads.
import { accept, listen } from "./01_echo.ts";
import { answer, serve } from "./03_inline.ts";

/** Has a line answered by a worker that is started for it and ends after it. */
export function run(line: string): Promise<string> {
  const worker = new Worker(import.meta.url, { type: "module", name: "worker" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(line);
  });
}

// This file is two programs: the server, and, in a worker (which has a name), the worker's.
if (import.meta.main && self.name) {
  const host = self as unknown as Worker;
  host.onmessage = ({ data }) => host.postMessage(answer(data));
} else if (import.meta.main) {
  accept(listen(7104), (conn) => serve(conn, run));
}
