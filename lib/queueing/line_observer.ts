/**
 * Port to whoever measures how lines fare. It is told by run, not by line: what is hot costs a call or two
 * for each run, and nothing where there is no observer.
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
  /** The replies of a run's lines `from` up to, not including, `to` have been handed to the connection. */
  written(run: Run, from: number, to: number): void;
  /** The lines of an origin behind line `last` are given up. */
  dropped(origin: Origin, last: number): void;
}
