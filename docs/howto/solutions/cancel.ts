// Exercise 3. A job whose client has left is taken out of the queue.
import { queue, run } from "../06_queue.ts";

/** As `run`; rejects when the signal is aborted, and a job that still waits then is never run. */
export function runUnless(line: string, signal: AbortSignal): Promise<string> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const before = queue.length;
  const reply = run(line);
  const job = queue.length > before ? queue.at(-1)! : undefined; // undefined: a worker has it already
  return new Promise((resolve, reject) => {
    const quit = () => {
      const place = job === undefined ? -1 : queue.indexOf(job);
      if (place >= 0) queue.splice(place, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", quit);
    reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", quit));
  });
}
