/** A flood: clients in a thread of their own that send the same bytes again and again. */

import { bytesOf } from "../tools/line_client.ts";
import type { FloodOrder, FloodReport } from "./flood_worker.ts";

/** At least so many bytes are sent again and again. */
const CHUNK = 512 * 1024;

/** Clients that flood. */
export class Flood {
  readonly #worker: Worker;
  /** Bytes sent so far; the thread counts. */
  readonly #sent = new BigInt64Array(new SharedArrayBuffer(8));

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Begins; `text` is a byte string. Resolves when all clients are connected. */
  static async start(addr: Deno.Addr, clients: number, text: string): Promise<Flood> {
    const worker = new Worker(new URL("./flood_worker.ts", import.meta.url), { type: "module" });
    const flood = new Flood(worker);
    const bytes = bytesOf(text.repeat(Math.ceil(CHUNK / text.length)));
    await flood.#ask({ addr, clients, bytes, sent: flood.#sent });
    return flood;
  }

  /** Bytes sent so far. */
  get sent(): number {
    return Number(Atomics.load(this.#sent, 0));
  }

  /** Ends it. @returns bytes sent */
  async stop(): Promise<number> {
    await this.#ask({ stop: true });
    this.#worker.terminate();
    return this.sent;
  }

  #ask(order: FloodOrder): Promise<FloodReport> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FloodReport>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(order);
    });
  }
}
