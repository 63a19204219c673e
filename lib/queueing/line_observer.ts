/**
 * Port to whoever measures how lines fare. It is told by run, not by line: what is hot costs a call or two
 * for each run, and nothing where there is no observer.
 */

import type { RunStart } from "./executor.ts";
import type { LineBlock } from "./line_block.ts";
import type { Run } from "./run.ts";

/** What a run's replies were, as they came back. */
export interface RunReplies {
  /** So many lines were answered. */
  lines: number;
  /** So many of them by an error reply. */
  failed: number;
  /** Valid during the call. */
  bytes: Uint8Array;
}

/** Watches lines. An `origin` is whatever all lines of one connection have in common. */
export interface LineObserver {
  /**
   * Lines have been accepted; the first of them is line `from` of its origin, counted from 0.
   *
   * @returns the time, in milliseconds by `performance.now()`: one clock read a turn of the event loop
   */
  accepted(origin: object, from: number, lines: LineBlock): number;
  /** A run's lines took so many microseconds, all together. */
  ran(run: Run, micros: number, start: RunStart): void;
  /** The next lines of a run have been answered; their replies may have to wait for others. */
  answered(run: Run, replies: RunReplies): void;
  /** The replies of a run's lines `from` up to, not including, `to` have been handed to the connection. */
  written(run: Run, from: number, to: number): void;
  /** A connection is gone, with whatever lines it has unanswered. */
  dropped(origin: object): void;
}
