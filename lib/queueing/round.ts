/**
 * Round: flows in the order in which their turns come, a linked list, from which each can be taken out at
 * once wherever it stands. A flow stands in one round at the most.
 */

import type { Flow } from "./flow.ts";

/** Flows, first come first. */
export class Round {
  /** Whose turn comes next. */
  first: Flow | undefined;
  /** Number of flows. */
  size = 0;
  #last: Flow | undefined;

  /** Puts a flow at the end, wherever it stood. */
  append(flow: Flow): void {
    flow.round?.remove(flow);
    flow.round = this;
    flow.previous = this.#last;
    if (this.#last === undefined) this.first = flow;
    else this.#last.next = flow;
    this.#last = flow;
    this.size++;
  }

  /** Takes a flow out that stands here. */
  remove(flow: Flow): void {
    const { previous, next } = flow;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    flow.round = flow.previous = flow.next = undefined;
    this.size--;
  }
}
