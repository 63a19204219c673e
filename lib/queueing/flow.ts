/**
 * Flow: the jobs of one connection in the queueing layer, first in first out, with what the queue must
 * know to be fair: what its jobs cost, and how much of its share it has used.
 */

import type { LineBlock } from "./line_block.ts";
import { type ReplySink, Run, type RunOwner } from "./run.ts";
import { Turn, type TurnTaker } from "./turn.ts";

/** What a flow is a part of, and tells of what becomes of its lines: the queue. */
export interface FlowOwner {
  /** Cost of the first jobs of other flows lately, in microseconds: what is expected of a new one. */
  readonly firstCost: number;
  /** Whether a flow's next job waits for the one before it. */
  readonly serial: boolean;
  /** A flow has accepted lines. */
  pushed(flow: Flow, lines: LineBlock): void;
  /** Lines that were taken wait again. */
  takenBack(flow: Flow, lines: LineBlock): void;
  /** Lines of a flow have been answered. */
  answered(flow: Flow, lines: number, bytes: number): void;
  /** A flow's run was taken, and should cost so many microseconds. */
  charge(flow: Flow, expected: number): void;
  /** Lines were taken back that should have cost so many microseconds; `whole`: all that is left of a run. */
  refund(flow: Flow, expected: number, whole: boolean): void;
  /** A run that should cost `expected` microseconds has cost `micros`. */
  settle(flow: Flow, expected: number, micros: number): void;
  /** A flow's connection is gone, and its waiting lines are given up. */
  dropped(flow: Flow, lines: number, bytes: number): void;
  /** Learns from a flow's new estimate, in microseconds; `first`: it had none before. */
  learn(cost: number, first: boolean): void;
}

/**
 * Lines that come in join the last run up to this size, in bytes. A string that has grown is copied as a
 * whole when it is looked at: without a bound lines of 60 KB cost 300 µs of CPU time each, with it 156.
 */
const MAX_RUN_BYTES = 64 * 1024;

/**
 * What a job counts for at the most, in microseconds: after one of half a minute its client's next lines
 * would wait until each of the others had had as much.
 */
const MAX_CHARGE = 1e6;

/** A job is expected to cost no more, in microseconds: by as much dear jobs are put behind cheap ones. */
const MAX_EXPECTED = 1e5;

/** For so many microseconds, the system may give a worker's core to others: a common time slice. */
const TIME_SLICE = 4000;

/** One connection's jobs: those that wait, and a count of those under way. */
export class Flow implements RunOwner, TurnTaker {
  /** Where it stands in the turns, which alone write there. */
  readonly turn = new Turn<Flow>(this);
  /** Lines accepted and not yet answered. */
  unanswered = 0;
  /** Bytes of those lines. */
  unansweredBytes = 0;
  readonly #queue: FlowOwner;
  readonly #sink: ReplySink;
  /** Lines accepted since the connection began. */
  #accepted = 0;
  /** Runs that wait, in request order. */
  readonly #runs: Run[] = [];
  /** The waiting run that takes further lines. */
  #open: Run | undefined;
  #cost: number | undefined;
  /** What a job of the last run took, in microseconds. */
  #seen = Infinity;
  /** The lesser of what jobs of the last two runs took. */
  #quickest: number | undefined;
  #inFlight = 0;
  #dropped = false;

  constructor(queue: FlowOwner, sink: ReplySink) {
    this.#queue = queue;
    this.#sink = sink;
  }

  /** Estimated cost of one of its jobs, in microseconds. */
  get cost(): number {
    return this.#cost ?? this.#queue.firstCost;
  }

  /**
   * What its next job costs if all goes well, in microseconds. It decides the order only: what was too little
   * is charged afterwards. A client with quick jobs is not put behind slow ones because its worker had no
   * core once.
   */
  get expectedCost(): number {
    return Math.min(this.#quickest ?? this.#queue.firstCost, MAX_EXPECTED);
  }

  /** Whether a job may be taken from here now. */
  get ready(): boolean {
    if (this.#runs.length === 0 || (this.#queue.serial && this.#inFlight > 0)) return false;
    return !this.#sink.blocked;
  }

  /** Accepts lines; the result is the run that they join, a new one if need be. */
  push(lines: LineBlock): Run {
    let run = this.#open;
    if (run === undefined || run.block.size + lines.size > MAX_RUN_BYTES) {
      run = this.#open = new Run(this, lines, this.#accepted);
      this.#runs.push(run);
    } else {
      run.block = run.block.concat(lines);
    }
    this.#accepted += lines.count;
    this.unanswered += lines.count;
    this.unansweredBytes += lines.size;
    this.#queue.pushed(this, lines);
    return run;
  }

  /** The next line begins a run of its own. */
  close(): void {
    this.#open = undefined;
  }

  /** Lines of its first run. */
  get firstCount(): number {
    return this.#runs[0].count;
  }

  /** How many lines of its first run fit into `bytes` bytes. */
  fitting(bytes: number): number {
    return this.#runs[0].block.fitting(bytes);
  }

  /** Takes, and is charged for, so many lines from the front, at the most its first run; they are one run. */
  take(lines: number): Run {
    const run = this.#runs[0];
    if (lines < run.count) {
      this.#runs[0] = run.split(lines);
      if (this.#open === run) this.#open = this.#runs[0];
    } else {
      this.#runs.shift();
      if (this.#open === run) this.#open = undefined;
    }
    this.#inFlight += run.count;
    run.begin(Math.min(this.cost, MAX_CHARGE));
    this.#queue.charge(this, run.expected);
    return run;
  }

  /**
   * Lines that were taken have not been started, and wait again, where they stood: replies of later ones
   * would be held for them. When the connection is gone they are given up.
   *
   * @param whole Whether nothing is left of the run that they were taken in
   */
  takeBack(run: Run, whole: boolean): void {
    this.#inFlight -= run.count;
    this.#queue.refund(this, run.expected, whole);
    if (this.#dropped) {
      this.unanswered -= run.count;
      this.unansweredBytes -= run.block.size;
      return this.#queue.answered(this, run.count, run.block.size);
    }
    const later = this.#runs.findIndex(({ position }) => position > run.position);
    this.#runs.splice(later < 0 ? this.#runs.length : later, 0, run);
    this.#queue.takenBack(this, run.block);
  }

  /** The next `lines` lines of `run` are answered. */
  answered(run: Run, lines: number, bytes: Uint8Array, failed: number): void {
    this.#inFlight -= lines;
    this.unanswered -= lines;
    const released = run.done ? run.block.size : 0;
    this.unansweredBytes -= released;
    this.#queue.answered(this, lines, released);
    this.#sink.answered(run, lines, bytes, failed);
  }

  /** A run took so many microseconds: corrects the estimate and what the flow was charged. */
  took(run: Run, micros: number): void {
    const seen = micros / run.count;
    // A run during which the system gave the worker's core to others seems dear, the next one does not.
    this.#quickest = Math.min(seen, this.#seen);
    const cost = micros < TIME_SLICE ? this.#quickest : seen;
    this.#seen = seen;
    const first = this.#cost === undefined;
    const old = this.#cost ?? cost;
    // Up fast, down slowly: a batch sized by too low a cost keeps others waiting.
    this.#cost = old + (cost - old) * (cost > old ? 0.5 : 0.2);
    this.#queue.learn(Math.min(this.#cost, MAX_CHARGE), first);
    this.#queue.settle(this, run.expected, Math.min(micros, MAX_CHARGE));
  }

  /** A job has been running for `micros` and has not ended: the estimate was too low. */
  stalled(micros: number): void {
    this.#cost = Math.max(this.cost, micros);
  }

  /** The connection is gone: the lines that wait are dropped. @returns their number */
  drop(): number {
    let lines = 0;
    let bytes = 0;
    for (const run of this.#runs.splice(0)) {
      lines += run.count;
      bytes += run.block.size;
    }
    this.#open = undefined;
    this.#dropped = true;
    this.unanswered -= lines;
    this.unansweredBytes -= bytes;
    this.#queue.dropped(this, lines, bytes);
    return lines;
  }
}
