/**
 * Turns: whose jobs come next. Flows take turns, and a turn is measured by what the jobs cost, not by their
 * number (deficit round robin, Shreedhar and Varghese 1995, in its surplus form: a turn may be overdrawn
 * and is made up for later).
 *
 * A flow that was idle goes before those that always have jobs, as in FQ-CoDel (RFC 8290). As there, one
 * that has no more jobs leaves the round only when its turn comes and it is out of debt: until then it is
 * not idle. Else clients that wait for each reply would begin without debts at each line: five of them,
 * with jobs of 20 ms, left 6 of 550 to one that had sent a thousand ahead. And those that were idle go
 * before one turn of the others only, lest many that come for one job each, and go, starve who stays.
 */

import type { Flow } from "./flow.ts";
import { Round } from "./round.ts";

/** What a flow's turn gives it, in microseconds. */
const QUANTUM = 250;

/**
 * Most microseconds that a flow may be in debt: a job of half a minute would have its client's next lines
 * wait until each of the others had had as much.
 */
const MAX_DEBT = 1e6;

/** The turns of all flows. */
export class Turns {
  /** Flows that have or had jobs to take, and those that were idle before their first one. */
  readonly #round = new Round<Flow>();
  readonly #newcomers = new Round<Flow>();
  /** Newcomers that go before the next turn of the round. */
  #ahead = 1;
  /** What newcomers have had since, in microseconds: so much the others may have in spite of debts. */
  #owed = 0;

  /**
   * A flow has jobs to take that it did not have before.
   *
   * @param wasIdle Whether it had no line unanswered
   */
  enter(flow: Flow, wasIdle: boolean): void {
    if (wasIdle && flow.round === undefined) flow.credit = QUANTUM;
    if (wasIdle && flow.credit > 0) this.#newcomers.append(flow);
    else if (flow.round === undefined) this.#round.append(flow);
  }

  /** A flow has no jobs to take, and is not to be asked for any. */
  leave(flow: Flow): void {
    flow.round?.remove(flow);
  }

  /** The flow whose turn it is: one that has jobs to take, and is not in debt. */
  next(): Flow | undefined {
    let inDebt = 0; // flows passed over in a row
    for (;;) {
      const round = this.#nextRound();
      const flow = round.first;
      if (flow === undefined) return undefined;
      if (flow.credit <= 0) flow.credit = Math.max(flow.credit, -MAX_DEBT) + QUANTUM;
      if (flow.credit > 0) {
        if (flow.ready) return flow;
        round.remove(flow);
      } else {
        this.#round.append(flow);
        if (++inDebt < this.#round.size) continue;
        this.#forgive();
        inDebt = 0;
      }
    }
  }

  /** The flow whose turn it is has had it: so many microseconds. */
  end(flow: Flow, micros: number): void {
    if (flow.round === this.#newcomers) {
      this.#ahead--;
      this.#owed += micros;
    } else {
      this.#ahead = Math.max(1, this.#newcomers.size);
      this.#owed = 0;
    }
    if (flow.ready || flow.empty) this.#round.append(flow);
    else this.leave(flow); // it comes back when its next job can be taken
  }

  /** The newcomers' round, or that of the others, where it is their turn. */
  #nextRound(): Round<Flow> {
    const isRounds = this.#ahead <= 0 && this.#round.first !== undefined;
    return isRounds || this.#newcomers.first === undefined ? this.#round : this.#newcomers;
  }

  /** All of the round are in debt: lets the first be out of it; beside newcomers, as far as it is owed. */
  #forgive(): void {
    let least = Infinity;
    for (let flow = this.#round.first; flow !== undefined; flow = flow.next) {
      least = Math.min(least, -flow.credit);
    }
    const alone = this.#newcomers.first === undefined;
    const forgiven = alone ? least : Math.min(least, this.#owed);
    this.#owed = Math.max(0, this.#owed - forgiven);
    for (let flow = this.#round.first; flow !== undefined; flow = flow.next) {
      flow.credit += forgiven;
    }
    if (forgiven < least) this.#ahead = 1;
  }
}
