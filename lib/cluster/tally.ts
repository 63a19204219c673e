/** The counters of all processes together. What a process counted outlives it. */

import { newCounters } from "../observe/counters.ts";
import type { Counters } from "../observe/events.ts";
import type { TimesShown } from "../observe/snapshot.ts";
import { together } from "./accounts.ts";

/** What a process tells of itself. */
export interface Account {
  connections: number;
  unanswered: number;
  counters: Counters;
  /** How long its lines took; absent where it has not said. */
  times?: TimesShown;
}

/** Adds up the accounts of processes, each by its last word. */
export class Tally {
  readonly #living = new Map<object, Account>();
  #past: Counters = newCounters();
  #pastTimes: TimesShown | undefined;

  /** Takes the account of a process, in the place of an earlier one, but for times that it does not tell. */
  hear(process: object, account: Account): void {
    const times = account.times ?? this.#living.get(process)?.times;
    this.#living.set(process, { ...account, times });
  }

  /** A process has ended: what it had not answered then is gone with it. */
  close(process: object): void {
    const account = this.#living.get(process);
    if (account === undefined) return;
    this.#living.delete(process);
    const { accepted, answered, failed } = account.counters;
    // A worker that was given up ended with its process.
    const last = { ...account.counters, gone: accepted - answered - failed, abandoned: 0 };
    this.#past = sum(this.#past, last);
    this.#pastTimes = both(this.#pastTimes, account.times);
  }

  /** The sum of all. */
  get total(): Account {
    let total: Account = {
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
