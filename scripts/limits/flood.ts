/** A flood: clients in a thread of their own that send the same bytes again and again. */

import { bytesOf } from "../tools/line_client.ts";
import type { FloodOrder, FloodReport } from "./flood_worker.ts";

/** At least so many bytes are sent again and again. */
const CHUNK = 512 * 1024;

/** Clients that flood. */
export class Flood {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Begins; `text` is a byte string. Resolves when all clients are connected. */
  static async start(addr: Deno.Addr, clients: number, text: string): Promise<Flood> {
    const worker = new Worker(new URL("./flood_worker.ts", import.meta.url), { type: "module" });
    const flood = new Flood(worker);
    const bytes = bytesOf(text.repeat(Math.ceil(CHUNK / text.length)));
    await flood.#ask({ addr, clients, bytes });
    return flood;
  }

  /** Ends it. @returns bytes sent */
  async stop(): Promise<number> {
    const report = await this.#ask({ stop: true });
    this.#worker.terminate();
    return "sent" in report ? report.sent : 0;
  }

  #ask(order: FloodOrder): Promise<FloodReport> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FloodReport>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(order);
    });
  }
}
