// Step 6. One queue in between: a worker that is free takes the line that has waited longest.
import { accept, listen } from "./01_echo.ts";
import { answer, serve } from "./03_inline.ts";

type Job = { line: string; reply: (text: string) => void };
export const queue: Job[] = []; // jobs that wait for a worker
const free: ((job: Job) => void)[] = []; // workers that wait for a job

/** The asynchronous side: hands a job over, and goes on at once. */
export function run(line: string): Promise<string> {
  return new Promise((reply) => {
    const taker = free.shift();
    taker ? taker({ line, reply }) : queue.push({ line, reply });
  });
}

/** The synchronous side: takes the oldest job, and waits while there is none. */
export function take(): Promise<Job> {
  const job = queue.shift();
  return job ? Promise.resolve(job) : new Promise((taker) => free.push(taker));
}

/** A worker's life: take a job, do it, reply, take the next. */
export async function employ(id: number) {
  const worker = new Worker(import.meta.url, { type: "module", name: `${id}` });
  for (;;) {
    const job = await take();
    worker.postMessage(job.line);
    job.reply(await new Promise((done) => worker.onmessage = ({ data }) => done(data)));
  }
}

if (import.meta.main && self.name) {
  const host = self as unknown as Worker;
  host.onmessage = ({ data }) => host.postMessage(`${self.name} ${answer(data)}`);
} else if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  accept(listen(7106), (conn) => serve(conn, run));
}
