/**
 * The clock of an open loop: makes lines due at a steady rate, and measures how late it was itself.
 */

import { Failure } from "../failure.ts";
import type { LoadStats } from "./load_stats.ts";

/** The longest sleep, so that a stop need not wait. */
const LONGEST_MS = 100;
/** The shortest one: more wake-ups are not worth their price. */
const SHORTEST_MS = 0.05;
/** A sleep ends so much earlier, to leave time for the message that says so. */
const HEAD_START_MS = 0.05;

/** What a {@linkcode Pace} drives. */
export interface Paced {
  /** Lines per second. */
  rate: number;
  /** Where the clock's own lateness is counted. */
  stats: LoadStats;
  /** The lines from `from` up to but not including `to`, in the order of time, are due. */
  due(from: number, to: number): void;
}

/**
 * A steady rate. Timers of the event loop are 1.3 ms late at 5 000 lines per second, and watching
 * the clock by `setImmediate` delays replies by 0.3 ms and more, as the loop then looks for input
 * only now and then: so a thread of its own sleeps in between. It is 0.25 ms late.
 */
export class Pace {
  readonly #alarm = new Worker(import.meta.resolve("./pace_worker.ts"), { type: "module" });
  readonly #paced: Paced;
  /** When the first line is due, on the clock of `performance.now()`. */
  #origin = 0;
  #made = 0;

  private constructor(paced: Paced) {
    this.#paced = paced;
  }

  /**
   * A clock that is ready to begin.
   *
   * @throws {Failure} Its thread cannot be started, as without the permission to read its program.
   */
  static async open(paced: Paced): Promise<Pace> {
    const pace = new Pace(paced);
    await new Promise((resolve, reject) => {
      pace.#alarm.onerror = (event) => {
        event.preventDefault();
        reject(new Failure(`The clock of the load broke: ${event.message}`));
      };
      pace.#alarm.onmessage = resolve;
      pace.#alarm.postMessage(0);
    });
    pace.#alarm.onmessage = () => pace.#tick();
    return pace;
  }

  /** Makes the first line due now, and the others after it. */
  start(): void {
    this.#origin = performance.now();
    this.#tick();
  }

  /** When a line, counted from 0, is due, in milliseconds of `performance.now()`. */
  dueAt(line: number): number {
    return this.#origin + line * 1000 / this.#paced.rate;
  }

  /** Makes no more lines due. */
  stop(): void {
    this.#alarm.terminate();
  }

  #tick(): void {
    const { rate, stats, due } = this.#paced;
    const now = performance.now();
    const from = this.#made;
    this.#made = Math.max(from, Math.floor((now - this.#origin) * rate / 1000) + 1);
    for (let i = from; i < this.#made; i++) stats.lateness.record((now - this.dueAt(i)) * 1000);
    if (this.#made > from) due(from, this.#made);
    const wait = this.dueAt(this.#made) - performance.now() - HEAD_START_MS;
    this.#alarm.postMessage(Math.min(Math.max(wait, SHORTEST_MS), LONGEST_MS));
  }
}
