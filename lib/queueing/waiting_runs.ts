/** The runs of one flow that wait, in request order; the last one may take further lines. */

import type { LineBlock } from "./line_block.ts";
import type { Run } from "./run.ts";

/**
 * Lines that come in join the last run up to this size, in bytes. A string that has grown is copied as a
 * whole when it is read: without a bound, lines of 60 KB cost twice as much CPU time.
 */
const MAX_RUN_BYTES = 64 * 1024;

/** Waiting runs, first in first out. */
export class WaitingRuns {
  readonly #runs: Run[] = [];
  /** The run that takes further lines. */
  #open: Run | undefined;

  /** The run whose turn it is. */
  get first(): Run | undefined {
    return this.#runs[0];
  }

  /** Adds lines behind all others. @returns the run that they join, or one of `fresh` */
  push(lines: LineBlock, fresh: () => Run): Run {
    if (this.#open !== undefined && this.#open.block.size + lines.size <= MAX_RUN_BYTES) {
      this.#open.block = this.#open.block.concat(lines);
    } else {
      this.#runs.push(this.#open = fresh());
    }
    return this.#open;
  }

  /** The next line starts a new run. */
  close(): void {
    this.#open = undefined;
  }

  /** Takes `lines` lines from the front of the first run. @returns them as one run */
  take(lines: number): Run {
    const run = this.#runs[0];
    if (lines < run.count) {
      this.#runs[0] = run.split(lines);
      if (this.#open === run) this.#open = this.#runs[0];
    } else {
      this.#runs.shift();
      if (this.#open === run) this.#open = undefined;
    }
    return run;
  }

  /** Puts a run where it belongs by its position. */
  put(run: Run): void {
    const later = this.#runs.findIndex(({ position }) => position > run.position);
    this.#runs.splice(later < 0 ? this.#runs.length : later, 0, run);
  }

  /** Takes a run out. */
  remove(run: Run): void {
    this.#runs.splice(this.#runs.indexOf(run), 1);
  }

  /** Removes the runs behind position `last`. @returns their jobs and bytes */
  removeBehind(last: number): { jobs: number; bytes: number } {
    this.#open = undefined;
    const removed = { jobs: 0, bytes: 0 };
    const first = this.#runs.findIndex(({ position }) => position > last);
    for (const { count, block } of this.#runs.splice(first < 0 ? this.#runs.length : first)) {
      removed.jobs += count;
      removed.bytes += block.size;
    }
    return removed;
  }
}
