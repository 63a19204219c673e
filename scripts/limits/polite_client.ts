/**
 * The polite client: asks one line after the other, and waits for each reply, in a thread of its own. It must
 * not feel what others do.
 */

import { quantile } from "../tools/numbers.ts";
import type { Finding } from "./check.ts";
import type { PoliteOrder, PoliteReport } from "./polite_worker.ts";

/** Asks until it is told to stop. */
export class PoliteClient {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Connects, and begins to ask, with so many milliseconds between two lines. */
  static async start(addr: Deno.Addr, interval = 5): Promise<PoliteClient> {
    const url = new URL("./polite_worker.ts", import.meta.url);
    const client = new PoliteClient(new Worker(url, { type: "module" }));
    await client.#ask({ addr, interval });
    return client;
  }

  /** Forgets what it has measured: from now on it counts. */
  forget(): void {
    this.#worker.postMessage({ forget: true } satisfies PoliteOrder);
  }

  /** Stops, and says what it has measured. @throws {Error} if a reply was wrong or did not come */
  async stop(p95AtMost: number): Promise<Finding[]> {
    const report = await this.#ask({ stop: true });
    this.#worker.terminate();
    if (!("times" in report)) throw new Error("the polite client has not stopped");
    const { times, failure } = report;
    if (failure !== undefined) throw new Error(failure);
    return [
      { what: "polite client's replies", value: times.length, unit: "lines", atLeast: 1 },
      {
        what: "its 95th percentile",
        value: quantile(times, 0.95),
        unit: "ms",
        atMost: p95AtMost,
      },
      {
        what: "its slowest reply", // while it waits it asks for no more: a percentile hardly shows it
        value: Math.max(...times),
        unit: "ms",
        atMost: 20 * p95AtMost,
      },
    ];
  }

  #ask(order: PoliteOrder): Promise<PoliteReport> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<PoliteReport>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(order);
    });
  }
}
