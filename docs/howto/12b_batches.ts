// Step 12b. Lines travel many at a time: one message takes them to a worker, one brings the replies.
import { answer } from "./03_inline.ts";
import { queue, take } from "./06_queue.ts";
import { start } from "./12_stop.ts";

const MOST = 50; // lines in a batch: half of the places, so that there is work for both workers
let lines = 0, messages = 0;

/** The line that has waited longest, and those that wait behind it: one, when there is no crowd. */
async function takeBatch() {
  const batch = [await take(), ...queue.splice(0, MOST - 1)];
  lines += batch.length;
  if (++messages % 1000 === 0) console.log(`${messages} messages for ${lines} lines`);
  return batch;
}

/** A worker's life, as in step 11, with a batch in place of a job. */
function employ(id: number) {
  const worker = new Worker(import.meta.url, { type: "module", name: `${id}` });
  live(worker).then(() => {
    worker.terminate();
    employ(id);
  });
}

/** Gives a worker batch after batch; ends when the worker has failed one. */
async function live(worker: Worker) {
  for (let fit = true; fit;) {
    const batch = await takeBatch();
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const deadline = setTimeout(reject, 2000, "no answer within 2 s");
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject("the worker died");
    };
    worker.postMessage(batch.map(({ line }) => line));
    const replies = await promise.catch((reason) => {
      fit = false;
      return batch.map(() => `ERR ${reason}`); // which line is to blame? Only the batch is known
    });
    clearTimeout(deadline);
    batch.forEach(({ reply }, index) => reply(replies[index]));
  }
}

/** In the worker: the reply to one line of a batch. A job that throws fails alone. */
function replyTo(line: string): string {
  try {
    return `${self.name} ${answer(line)}`;
  } catch (error) {
    return `ERR ${(error as Error).message}`;
  }
}

if (import.meta.main && self.name) {
  const host = self as unknown as Worker;
  host.onmessage = ({ data }) => host.postMessage(data.map(replyTo));
} else if (import.meta.main) start(7150, employ);
