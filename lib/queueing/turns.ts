/**
 * Turns: which flow is served next. This is fair queueing (Demers, Keshav and Shenker 1989): jobs are
 * measured by what they cost, and compared in a virtual time. Virtual time passes as fast as each flow would
 * be served if all active flows were served at once.
 *
 * A flow's job starts where the one before it ended, but never in the past: a flow loses what it did not use.
 * The flow whose next job would end first comes first. So a quick job goes before slow ones, and equal jobs
 * go in the order in which they came. A client gets its share whether it sends a thousand lines ahead, or one
 * at a time, or opens a connection for each.
 */

import { Heap } from "./heap.ts";
import type { Turn, TurnTaker } from "./turn.ts";
import { tuned } from "../tuning.ts";

/** Whether flows are served fairly; else they come in the order in which they began to wait. */
const FAIR = tuned("fair", 1) === 1;

/** The turns of all flows. */
export class Turns<T extends TurnTaker> {
  readonly #waiting = new Heap<Turn<T>>();
  /** Virtual time, in microseconds; it never goes back. */
  #now = 0;
  /** The latest start of all flows. */
  #latest = 0;
  /** Flows that wait, or whose jobs workers have. */
  #active = 0;
  #entered = 0;

  /** Virtual time, in microseconds. */
  get now(): number {
    return this.#now;
  }

  /** A flow has jobs to take. */
  enter(turn: Turn<T>): void {
    if (turn.waiting) return;
    if (!turn.active) turn.start = Math.max(turn.start, this.#now - turn.lag);
    turn.order = this.#entered++;
    this.#put(turn);
    this.#count(turn);
  }

  /** A flow has no jobs to take. */
  leave(turn: Turn<T>): void {
    if (!turn.waiting) return;
    this.#waiting.remove(turn);
    this.#count(turn);
  }

  /** The flow whose turn it is. */
  next(): T | undefined {
    for (;;) {
      const turn = this.#waiting.first;
      if (turn === undefined || turn.flow.ready) return turn?.flow;
      this.leave(turn);
    }
  }

  /** A run that should cost so many microseconds is taken from a flow. */
  charge(turn: Turn<T>, expected: number): void {
    turn.runs++;
    this.#move(turn, expected);
    this.#count(turn);
  }

  /** A run has ended; it should have cost `expected` microseconds, and has cost `micros`. */
  settle(turn: Turn<T>, expected: number, micros: number): void {
    this.#pass(micros);
    turn.runs--;
    this.#move(turn, micros - expected);
    this.#count(turn);
  }

  /**
   * Lines have been taken back; they should have cost `expected` microseconds.
   *
   * @param whole Whether no more of their run is left
   */
  refund(turn: Turn<T>, expected: number, whole: boolean): void {
    if (whole) turn.runs--;
    this.#move(turn, -expected);
    this.#count(turn);
  }

  /**
   * Workers have done `micros` microseconds of work: each active flow's part of it passes as virtual time.
   */
  #pass(micros: number): void {
    this.#now += micros / Math.max(1, this.#active);
  }

  #move(turn: Turn<T>, micros: number): void {
    turn.start += micros;
    this.#latest = Math.max(this.#latest, turn.start);
    if (turn.waiting) this.#put(turn);
  }

  #put(turn: Turn<T>): void {
    turn.due = FAIR ? turn.start + turn.flow.expectedCost : turn.order;
    this.#waiting.put(turn);
  }

  #count(turn: Turn<T>): void {
    const active = turn.waiting || turn.runs > 0;
    if (active === turn.active) return;
    turn.active = active;
    this.#active += active ? 1 : -1;
    if (!active) turn.lag = Math.min(Math.max(0, this.#now - turn.start), turn.flow.expectedCost);
    // No flow is active: one that comes now has no claim to earlier time.
    if (this.#active === 0) this.#now = Math.max(this.#now, this.#latest);
  }
}
