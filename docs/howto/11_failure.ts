// Step 11. A job that throws, a worker that dies, a job that hangs: each costs one line its answer.
import { accept, listen } from "./01_echo.ts";
import { answer } from "./03_inline.ts";
import { take } from "./06_queue.ts";
import { serve } from "./10_back_pressure.ts";

/** A worker's life. When it fails a job, a successor takes over its ID. */
export async function employ(id: number) {
  const worker = new Worker(import.meta.url, { type: "module", name: `${id}` });
  for (let fit = true; fit;) {
    const job = await take();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const deadline = setTimeout(reject, 2000, "no answer within 2 s");
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault(); // or the worker's death would be the server's
      reject("the worker died");
    };
    worker.postMessage(job.line);
    job.reply(await promise.catch((reason) => (fit = false, `ERR ${reason}`)));
    clearTimeout(deadline);
  }
  worker.terminate();
  employ(id);
}

if (import.meta.main && self.name) {
  const host = self as unknown as Worker;
  host.onmessage = ({ data }) => {
    if (data === "die") return self.close(); // a stand-in for a crash: nobody is told
    try {
      host.postMessage(`${self.name} ${answer(data)}`);
    } catch (error) {
      host.postMessage(`ERR ${(error as Error).message}`); // the job failed, the worker did not
    }
  };
} else if (import.meta.main) {
  for (const id of [1, 2]) employ(id);
  accept(listen(7111), serve);
}
