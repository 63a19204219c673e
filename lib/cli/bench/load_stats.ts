/** What a load finds out: counts of right and wrong replies, which workers answered, how long it took. */

import { FINE_RESOLUTION, Histogram, type HistogramState } from "../../observe/histogram.ts";

/** The highest worker ID that is counted by itself; 0 counts the others. */
const MOST_WORKERS = 4096;

/** {@linkcode LoadStats} as plain data, to be sent between threads. */
export interface LoadState {
  lines: number;
  mismatches: number;
  errorReplies: number;
  unanswered: number;
  unsent: number;
  connectionErrors: number;
  seconds: number;
  samples: string[];
  workers: Float64Array;
  latency: HistogramState;
  lateness: HistogramState;
}

/** How many examples of what went wrong are kept. */
const SAMPLES = 5;

/** The findings of one or several threads. */
export class LoadStats {
  /** Right replies within the measured time. */
  lines = 0;
  /** Replies that are not the one expected next, at any time. */
  mismatches = 0;
  /** Replies that begin with `ERR `, at any time. */
  errorReplies = 0;
  /** Lines that were sent and not answered by the end. */
  unanswered = 0;
  /** Lines that were due, but held back by the window until the end. */
  unsent = 0;
  /** Connections that broke or were closed by the server. */
  connectionErrors = 0;
  /** The time measured. */
  seconds = 0;
  /** Examples of what went wrong. */
  readonly samples: string[] = [];
  /** Latency of each right reply from the measured time on, and of each line without one so far. */
  readonly latency = new Histogram(FINE_RESOLUTION);
  /** How late lines of an open loop were sent by the load generator itself. */
  lateness = new Histogram(FINE_RESOLUTION);
  readonly #workers = new Float64Array(MOST_WORKERS + 1);

  /** Whether everything that was sent came back, once, in order. */
  get clean(): boolean {
    return this.mismatches + this.unanswered + this.connectionErrors === 0;
  }

  /** Whether replies came and none was right, as from a server that is no echo. */
  get noneRight(): boolean {
    return this.lines === 0 && this.mismatches > 0;
  }

  /** Lines by the ID of the worker that answered them. */
  get workers(): [id: number, lines: number][] {
    return [...this.#workers.entries()].filter(([, lines]) => lines > 0);
  }

  /** Counts a right reply of a worker, `micros` microseconds after its line. */
  count(worker: number, micros: number): void {
    this.lines++;
    this.latency.record(micros);
    this.#workers[worker <= MOST_WORKERS ? worker : 0]++;
  }

  /** Keeps an example of what went wrong, if there are few yet. */
  note(text: string): void {
    if (this.samples.length < SAMPLES) this.samples.push(text);
  }

  /** Adds the findings of another thread, which measured at the same time. */
  add(other: LoadState): void {
    this.lines += other.lines;
    this.mismatches += other.mismatches;
    this.errorReplies += other.errorReplies;
    this.unanswered += other.unanswered;
    this.unsent += other.unsent;
    this.connectionErrors += other.connectionErrors;
    this.seconds = Math.max(this.seconds, other.seconds);
    for (const sample of other.samples) this.note(sample);
    for (const [id, lines] of other.workers.entries()) this.#workers[id] += lines;
    this.latency.add(other.latency);
    this.lateness.add(other.lateness);
  }

  /** The findings as plain data. */
  toState(): LoadState {
    const { lines, mismatches, errorReplies, unanswered, unsent, connectionErrors } = this;
    return {
      lines,
      mismatches,
      errorReplies,
      unanswered,
      unsent,
      connectionErrors,
      seconds: this.seconds,
      samples: this.samples,
      workers: this.#workers,
      latency: this.latency.toState(),
      lateness: this.lateness.toState(),
    };
  }
}
