/**
 * Turn: one flow's position in the turns. The turns write its fields, and their heap writes `place`; all
 * others only read.
 */

import type { HeapMember } from "./heap.ts";

/** What the turns must know of a flow. */
export interface TurnTaker {
  /** Whether a job may be taken from it now. */
  readonly ready: boolean;
  /** What its next job should cost, in microseconds. */
  readonly expectedCost: number;
}

/** A flow's position in the turns. */
export class Turn<T extends TurnTaker = TurnTaker> implements HeapMember {
  /** When its next job starts, in virtual time. */
  start = 0;
  /** When that job would end, in virtual time: the flow that is due first comes first. */
  due = 0;
  /**
   * How far its start was behind virtual time when its last job ended, because others were served first. It
   * keeps this claim until it asks again, up to the cost of one job.
   */
  lag = 0;
  /** Breaks a tie of `due`: first come, first served. */
  order = 0;
  /** Runs of its lines that workers have. */
  runs = 0;
  /** Whether it counts as one that wants to be served. */
  active = false;
  place = -1;
  readonly flow: T;

  constructor(flow: T) {
    this.flow = flow;
  }

  /** Whether it waits to be served. */
  get waiting(): boolean {
    return this.place >= 0;
  }

  isBefore(other: Turn<T>): boolean {
    return this.due < other.due || (this.due === other.due && this.order < other.order);
  }
}
