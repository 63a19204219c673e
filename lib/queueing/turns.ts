/**
 * Turns: whose jobs come next. They are measured by what jobs cost, not by their number, in a virtual time
 * (start-time fair queueing, Goyal, Vin and Cheng 1996). The flow with the earliest start is next, and what
 * its jobs cost moves its start on. Virtual time passes as fast as each active flow would be served if all
 * were served at once; one that was idle starts no earlier than now, for what it did not use is gone.
 *
 * So neither a thousand lines sent ahead, nor a line at a time, nor a connection for each line get more
 * than their share. With rounds and debts in place of time, five clients that waited for each reply, to
 * jobs of 20 ms, left 6 of 550 to one that had sent ahead; or those that came anew for each line left
 * hardly any to those that stayed.
 */

import type { Flow } from "./flow.ts";
import { Heap } from "./heap.ts";

/**
 * A job is quick that costs no more than this, in microseconds. A client that asks now and then for a
 * quick one need not wait until others have had what is due to them.
 */
const QUICK = 250;

/** The turns of all flows. */
export class Turns {
  /** Flows with jobs to take. */
  readonly #waiting = new Heap<Flow>();
  /** Virtual time, in microseconds. */
  #now = 0;
  /** Flows with lines unanswered. */
  #active = 0;

  /** A flow that had no line unanswered has some. */
  begin(): void {
    this.#active++;
  }

  /** A flow has no line unanswered any more. */
  rest(): void {
    this.#active--;
  }

  /**
   * A flow has jobs to take.
   *
   * @param wasIdle Whether it had no line unanswered
   */
  enter(flow: Flow, wasIdle: boolean): void {
    if (flow.place >= 0) return;
    const hasSaved = flow.start < this.#now;
    flow.start = Math.max(flow.start, this.#now);
    const { first } = this.#waiting;
    if (wasIdle && hasSaved && flow.cost <= QUICK && first !== undefined) {
      flow.start = Math.min(flow.start, first.start - 1);
    }
    this.#waiting.put(flow);
  }

  /** A flow has no jobs to take. */
  leave(flow: Flow): void {
    this.#waiting.remove(flow);
  }

  /** The flow whose turn it is. */
  next(): Flow | undefined {
    for (;;) {
      const flow = this.#waiting.first;
      if (flow === undefined) return undefined;
      if (flow.ready) {
        this.#now = Math.max(this.#now, flow.start); // nobody wants what was left over
        return flow;
      }
      this.leave(flow);
    }
  }

  /** A flow's jobs cost so many microseconds; below 0, what it was charged too much. */
  charge(flow: Flow, micros: number): void {
    this.#now += micros / Math.max(1, this.#active);
    flow.start += micros;
    if (flow.place >= 0) this.#waiting.put(flow);
  }
}
