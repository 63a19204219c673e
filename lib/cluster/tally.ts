/** The counters of all processes together. What a process counted outlives it. */

import { newCounters } from "../observe/counters.ts";
import type { Counters } from "../observe/events.ts";
import type { TimesShown } from "../observe/snapshot.ts";
import { together } from "./accounts.ts";

/** What a process tells of its counters. */
export interface CounterReport {
  connections: number;
  unanswered: number;
  counters: Counters;
  /** How long its lines took; absent where it has not said. */
  times?: TimesShown;
}

/** Adds up the counters of processes, by the last report of each. */
export class Tally {
  readonly #living = new Map<object, CounterReport>();
  #past: Counters = newCounters();
  #pastTimes: TimesShown | undefined;

  /** Takes a process's report in place of its last one; times that it leaves out stay as they were. */
  hear(process: object, report: CounterReport): void {
    const times = report.times ?? this.#living.get(process)?.times;
    this.#living.set(process, { ...report, times });
  }

  /** A process has ended: what it had not answered then is gone with it. */
  close(process: object): void {
    const report = this.#living.get(process);
    if (report === undefined) return;
    this.#living.delete(process);
    const { accepted, answered, failed } = report.counters;
    // Abandoned workers have ended with their process.
    const last = { ...report.counters, gone: accepted - answered - failed, abandoned: 0 };
    this.#past = sum(this.#past, last);
    this.#pastTimes = both(this.#pastTimes, report.times);
  }

  /** The sum of all. */
  get total(): CounterReport {
    let total: CounterReport = {
      connections: 0,
      unanswered: 0,
      counters: this.#past,
      times: this.#pastTimes,
    };
    for (const { connections, unanswered, counters, times } of this.#living.values()) {
      total = {
        connections: total.connections + connections,
        unanswered: total.unanswered + unanswered,
        counters: sum(total.counters, counters),
        times: both(total.times, times),
      };
    }
    return total;
  }
}

function sum(one: Counters, other: Counters): Counters {
  const result = { ...one };
  for (const name of Object.keys(result) as (keyof Counters)[]) result[name] += other[name];
  return result;
}

function both(one: TimesShown | undefined, other: TimesShown | undefined): TimesShown | undefined {
  return one === undefined || other === undefined ? one ?? other : together(one, other);
}
