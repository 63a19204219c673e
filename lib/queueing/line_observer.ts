/**
 * Port to what measures how lines fare. It is told of runs, not of single lines: an observer costs a call or
 * two for each run, and no observer costs nothing.
 */

import type { Answer, Origin, RunStart } from "./executor.ts";
import type { LineBlock } from "./line_block.ts";
import type { Run } from "./run.ts";

/** Watches lines. */
export interface LineObserver {
  /**
   * Lines have been accepted; the first of them is line `from` of its origin, counted from 0.
   *
   * @returns the time, in milliseconds by `performance.now()`: one clock read a turn of the event loop
   */
  accepted(origin: Origin, from: number, lines: LineBlock): number;
  /** A run's lines took so many microseconds, all together. */
  ran(run: Run, micros: number, start: RunStart): void;
  /** The next lines of a run have been answered; their replies may have to wait for others. */
  answered(run: Run, answer: Answer): void;
  /** The connection has been given the replies of a run's lines `from` to `to` (exclusive). */
  written(run: Run, from: number, to: number): void;
  /** The lines of an origin behind line `last` are given up. */
  dropped(origin: Origin, last: number): void;
}
