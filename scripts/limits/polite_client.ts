/**
 * The polite client: asks one line after the other, waits for each reply, and measures how long that
 * takes. What others do must not be felt by it.
 */

import { LineClient } from "../../tests/helpers/client.ts";
import { type Finding, pause, percentile } from "./check.ts";

/** Asks until it is told to stop. */
export class PoliteClient {
  /** Milliseconds from each line to its reply. */
  readonly times: number[] = [];
  readonly #client: LineClient;
  readonly #interval: number;
  #stopped = false;
  readonly #done: Promise<void>;

  private constructor(client: LineClient, interval: number) {
    this.#client = client;
    this.#interval = interval;
    this.#done = this.#run();
    this.#done.catch(() => {}); // whoever stops it hears of it
  }

  /** Connects, and begins to ask, with so many milliseconds between two lines. */
  static async start(addr: Deno.Addr, interval = 5): Promise<PoliteClient> {
    return new PoliteClient(await LineClient.connect(addr), interval);
  }

  /** Stops, and says what it has measured. @throws {Error} if a reply was wrong or did not come */
  async stop(p95AtMost: number): Promise<Finding[]> {
    this.#stopped = true;
    await this.#done;
    this.#client.close();
    const p95 = percentile(this.times, 0.95);
    return [
      { what: "polite client's replies", value: this.times.length, unit: "lines", atLeast: 1 },
      { what: "its 95th percentile", value: p95, unit: "ms", atMost: p95AtMost },
      {
        what: "its slowest reply", // while it waits it asks for no more: a percentile hardly shows it
        value: Math.max(...this.times),
        unit: "ms",
        atMost: 20 * p95AtMost,
      },
    ];
  }

  async #run(): Promise<void> {
    for (let count = 0; !this.#stopped; count++) {
      const begun = performance.now();
      const reply = await this.#client.ask(`polite ${count}`);
      this.times.push(performance.now() - begun);
      // Where a limit rejects lines, a polite one is no exception; but it is told so at once.
      const rejected = /^ERR (overloaded|line longer)/.test(reply);
      if (!rejected && !reply.endsWith(` polite ${count}`)) {
        throw new Error(`a polite line got ${reply}`);
      }
      await pause(this.#interval);
    }
  }
}
