/**
 * The observer of all lines: counts in three histograms how long they wait, run and take in all. It is told
 * of runs, not of lines: a run of 1 to 512 lines costs 0.1 to 0.2 µs.
 */

import type { Answer, Origin, RunStart } from "../queueing/executor.ts";
import type { LineBlock } from "../queueing/line_block.ts";
import type { LineObserver } from "../queueing/line_observer.ts";
import type { Run } from "../queueing/run.ts";
import type { Percentiles, TimesInBrief } from "./events.ts";
import { Histogram } from "./histogram.ts";
import type { HistogramData, TimesShown } from "./snapshot.ts";
import { TurnClock } from "./turn_clock.ts";

/**
 * Lines of a run start one after the other. Their waits are counted in this many groups: with more, long runs
 * cost more; with fewer, their waits are less exact.
 */
const GROUPS = 8;

/** Measures a server's lines. */
export class LineTimes implements LineObserver {
  /** The time of this turn of the event loop, in milliseconds by `performance.now()`. */
  readonly now: () => number;
  readonly #wait = new Histogram();
  readonly #job = new Histogram();
  readonly #line = new Histogram();
  /** Follows single lines, while a page shows them. */
  lens: LineObserver | undefined;

  constructor() {
    const clock = new TurnClock();
    this.now = () => clock.now();
  }

  accepted(origin: Origin, from: number, lines: LineBlock): number {
    this.lens?.accepted(origin, from, lines);
    return this.now();
  }

  ran(run: Run, micros: number, start: RunStart): void {
    const { count } = run;
    const each = micros / count;
    this.#job.record(each, count);
    run.arrivals?.visit(0, count, (at, from, to) => {
      this.#recordWaits((start.at - at) * 1000, each, { from, to });
    });
    this.lens?.ran(run, micros, start);
  }

  answered(run: Run, answer: Answer): void {
    this.lens?.answered(run, answer);
  }

  written(run: Run, from: number, to: number): void {
    const now = this.now();
    run.arrivals?.visit(from, to, (at, first, end) => {
      this.#line.record((now - at) * 1000, end - first);
    });
    this.lens?.written(run, from, to);
  }

  dropped(origin: Origin, last: number): void {
    this.lens?.dropped(origin, last);
  }

  /** The histograms, as a snapshot holds them. */
  shown(): TimesShown {
    return {
      wait: this.#wait.toData(),
      job: this.#job.toData(),
      line: this.#line.toData(),
    };
  }

  /** The percentiles so far. */
  inBrief(): TimesInBrief {
    const [wait, job, line] = [this.#wait, this.#job, this.#line].map(percentiles);
    return { wait, job, line };
  }

  /** Counts waits of a run's lines `from` to `to` (exclusive): the run began `first` µs after they came. */
  #recordWaits(first: number, each: number, { from, to }: { from: number; to: number }): void {
    const step = Math.ceil((to - from) / GROUPS);
    for (let line = from; line < to; line += step) {
      const lines = Math.min(step, to - line);
      this.#wait.record(first + each * (line + (lines - 1) / 2), lines);
    }
  }
}

/** The percentiles of a snapshot's times, such as those of several processes together. */
export function inBrief({ wait, job, line }: TimesShown): TimesInBrief {
  const percentilesOf = (data: HistogramData) => {
    const histogram = new Histogram();
    histogram.addData(data);
    return percentiles(histogram);
  };
  return { wait: percentilesOf(wait), job: percentilesOf(job), line: percentilesOf(line) };
}

/** In seconds, to the microsecond. */
function percentiles(histogram: Histogram): Percentiles {
  const at = (part: number) =>
    histogram.count === 0 ? 0 : Math.round(histogram.quantile(part)) / 1e6;
  return {
    p50: at(0.5),
    p99: at(0.99),
    max: histogram.count === 0 ? 0 : Math.round(histogram.max) / 1e6,
  };
}
