/** The counters of all processes together. What a process counted outlives it. */

import { newCounters } from "../observe/counters.ts";
import type { Counters } from "../observe/events.ts";

/** What a process tells of itself. */
export interface Account {
  connections: number;
  unanswered: number;
  counters: Counters;
}

/** Adds up the accounts of processes, each by its last word. */
export class Tally {
  readonly #living = new Map<object, Account>();
  #past: Counters = newCounters();

  /** Takes the account of a process, in the place of an earlier one. */
  hear(process: object, account: Account): void {
    this.#living.set(process, account);
  }

  /** A process has ended, and its unanswered lines are gone with it. */
  close(process: object): void {
    const account = this.#living.get(process);
    if (account === undefined) return;
    this.#living.delete(process);
    const { accepted, answered, failed } = account.counters;
    // A worker that was given up ended with its process.
    const last = { ...account.counters, gone: accepted - answered - failed, abandoned: 0 };
    this.#past = sum(this.#past, last);
  }

  /** The sum of all. */
  get total(): Account {
    let total: Account = { connections: 0, unanswered: 0, counters: this.#past };
    for (const { connections, unanswered, counters } of this.#living.values()) {
      total = {
        connections: total.connections + connections,
        unanswered: total.unanswered + unanswered,
        counters: sum(total.counters, counters),
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
