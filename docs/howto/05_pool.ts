// Step 5. A fixed pool: the workers are started once, and take turns.
import { accept, listen } from "./01_echo.ts";
import { answer, serve } from "./03_inline.ts";

const pool: Worker[] = [];
const pending = new Map<number, (reply: string) => void>(); // by job: what takes its reply
let jobs = 0;

/** Has a line answered by the worker whose turn it is, busy or not. */
export function run(line: string): Promise<string> {
  const job = jobs++;
  pool[job % pool.length].postMessage([job, line]);
  return new Promise((resolve) => pending.set(job, resolve));
}

/** Starts the workers; the name of each is its ID. */
export function hire(count: number) {
  for (let id = 1; id <= count; id++) {
    const worker = new Worker(import.meta.url, { type: "module", name: `${id}` });
    worker.onmessage = ({ data: [job, reply] }) => {
      pending.get(job)!(reply);
      pending.delete(job);
    };
    pool.push(worker);
  }
}

if (import.meta.main && self.name) {
  const host = self as unknown as Worker;
  host.onmessage = ({ data: [job, line] }) => {
    host.postMessage([job, `${self.name} ${answer(line)}`]);
  };
} else if (import.meta.main) {
  hire(2);
  accept(listen(7105), (conn) => serve(conn, run));
}
