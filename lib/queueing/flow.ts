/**
 * Flow: the jobs of one connection in the queueing layer, first in first out, with what the queue must
 * know to be fair: what its jobs cost, and how much of its share it has used.
 */

import { CostEstimate } from "./cost_estimate.ts";
import { type Answer, NOBODY, type Origin, type RunStart } from "./executor.ts";
import type { FlowOwner } from "./flow_owner.ts";
import type { Lane, LaneMember } from "./lane.ts";
import { LineBlock } from "./line_block.ts";
import { type ReplySink, Run, type RunOwner } from "./run.ts";
import { Turn } from "./turn.ts";

/**
 * Lines that come in join the last run up to this size, in bytes. A string that has grown is copied as a
 * whole when it is looked at: without a bound lines of 60 KB cost 300 µs of CPU time each, with it 156.
 */
const MAX_RUN_BYTES = 64 * 1024;

/** What a flow belongs to. */
export interface FlowOptions {
  /** Whose lines they are. @default {nobody's: there is no connection} */
  origin?: Origin;
  /** The lane of its executor, to which it is pinned. @default {the common one} */
  lane?: Lane<Flow>;
}

/** A job that is no line: its text is empty. */
const NO_LINE = new LineBlock("", 1);

/** One connection's jobs: those that wait, and a count of those under way. */
export class Flow implements RunOwner, LaneMember<Flow> {
  /** Where it stands in the turns, which alone write there. */
  readonly turn = new Turn<Flow>(this);
  /** Lines accepted and not yet answered. */
  unanswered = 0;
  /** Bytes of those lines. */
  unansweredBytes = 0;
  readonly origin: Origin;
  readonly lane: Lane<Flow>;
  readonly #isPinned: boolean;
  readonly #queue: FlowOwner<Flow>;
  readonly #sink: ReplySink;
  /** Lines accepted since the connection began. */
  #accepted = 0;
  /** Runs that wait, in request order. */
  readonly #runs: Run[] = [];
  /** The waiting run that takes further lines. */
  #open: Run | undefined;
  readonly #estimate: CostEstimate;
  #inFlight = 0;
  /** Runs that executors have. */
  readonly #underWay = new Set<Run>();
  /** The connection's beginning, until its job is done. */
  #opening: Run | undefined;
  /** Whether an executor has heard of its connection. */
  #isKnown = false;
  #dropped = false;

  constructor(
    queue: FlowOwner<Flow>,
    sink: ReplySink,
    { origin = NOBODY, lane }: FlowOptions = {},
  ) {
    this.#queue = queue;
    this.#estimate = new CostEstimate(queue);
    this.#sink = sink;
    this.origin = origin;
    this.lane = lane ?? queue.lane;
    this.#isPinned = lane !== undefined;
    lane?.members.add(this);
  }

  /** Whether it has a job that waits or is under way, a line or not. */
  get busy(): boolean {
    return this.unanswered > 0 || this.#opening !== undefined;
  }

  get cost(): number {
    return this.#estimate.cost;
  }

  get expectedCost(): number {
    return this.#estimate.expected;
  }

  get ready(): boolean {
    if (this.#runs.length === 0) return false;
    if (this.#inFlight > 0 && (this.#queue.serial || this.#opening !== undefined)) return false;
    return this.#dropped || !this.#sink.blocked;
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
    run.arrived(lines.count, this.#queue.observer?.accepted(this.origin, this.#accepted, lines));
    this.#accepted += lines.count;
    this.unanswered += lines.count;
    this.unansweredBytes += lines.size;
    this.#queue.pushed(this, lines);
    return run;
  }

  /** The connection begins with a job of its own: no line is run before. */
  open(): Run {
    this.#opening = new Run(this, NO_LINE, -1, "open");
    this.#runs.unshift(this.#opening);
    this.#queue.wait(this, 1, NO_LINE.size);
    return this.#opening;
  }

  /** The next line begins a run of its own. */
  close(): void {
    this.#open = undefined;
  }

  get firstCount(): number {
    return this.#runs[0].count;
  }

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
    this.#underWay.add(run);
    this.#isKnown = true;
    run.begin(this.#estimate.price);
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
    if (whole) this.#underWay.delete(run);
    this.#queue.refund(this, run.expected, whole);
    if (run.givenUp) return this.#queue.answered(run.count, run.block.size);
    const later = this.#runs.findIndex(({ position }) => position > run.position);
    this.#runs.splice(later < 0 ? this.#runs.length : later, 0, run);
    this.#queue.wait(this, run.count, run.block.size);
  }

  /** The next lines of `run` are answered. */
  answered(run: Run, answer: Answer): void {
    const { lines } = answer;
    this.#inFlight -= lines;
    if (run.done) this.#underWay.delete(run);
    if (run.kind !== "lines") return this.#hookEnded(run, answer);
    const released = run.done ? run.block.size : 0;
    this.#queue.answered(lines, released);
    if (run.givenUp) return this.#queue.activate(this);
    this.unanswered -= lines;
    this.unansweredBytes -= released;
    this.#queue.observer?.answered(run, answer);
    this.#sink.answered(run, answer);
  }

  /** A run took so many microseconds: corrects the estimate and what the flow was charged. */
  took(run: Run, micros: number, start?: RunStart): void {
    if (start !== undefined && run.kind === "lines") this.#queue.observer?.ran(run, micros, start);
    const charged = this.#estimate.took(run.count, micros);
    this.#queue.settle(this, run.expected, charged);
  }

  /** A job has been running for `micros` and has not ended. */
  stalled(micros: number): void {
    this.#estimate.stalled(micros);
    this.#queue.estimated(this);
  }

  /** All lines behind position `last` are given up, those under way, too. @returns their number */
  giveUpBehind(last: number): number {
    let lines = 0;
    let waiting = 0;
    let bytes = 0;
    const first = this.#runs.findIndex(({ position }) => position > last);
    for (const { count, block } of this.#runs.splice(first < 0 ? this.#runs.length : first)) {
      waiting += count;
      bytes += block.size;
    }
    for (const run of this.#underWay) {
      // Of a run that holds the last one, the lines behind it.
      if (run.givenUp || run.position + run.count - 1 <= last) continue;
      run.givenUp = true;
      lines += run.count - run.settled;
      this.unansweredBytes -= run.block.size;
    }
    this.#open = undefined;
    this.#queue.observer?.dropped(this.origin, last);
    this.unanswered -= lines + waiting;
    this.unansweredBytes -= bytes;
    this.#queue.answered(waiting, bytes);
    this.#queue.dropped(this, waiting, bytes);
    return lines + waiting;
  }

  /** The connection is gone: every line is given up. @returns their number */
  drop(): number {
    this.#dropped = true;
    if (this.#opening !== undefined && !this.#opening.underWay) {
      this.#runs.splice(this.#runs.indexOf(this.#opening), 1);
      this.#queue.dropped(this, 1, this.#opening.block.size);
      this.#opening = undefined;
    }
    const lines = this.giveUpBehind(-1);
    if (!this.#isKnown) this.lane.members.delete(this);
    else if (this.#isPinned) { // its end is its last job
      this.#runs.push(new Run(this, NO_LINE, Infinity, "close"));
      this.#queue.wait(this, 1, NO_LINE.size);
    }
    return lines;
  }

  /** Its executor is lost, and with it what it knows of this connection, which comes to its end. */
  executorLost(reason: string): void {
    this.#isKnown = false;
    this.lane.members.delete(this);
    if (!this.#dropped) this.#sink.executorLost(reason);
  }

  /** A job that is no line has ended. */
  #hookEnded(run: Run, answer: Answer): void {
    if (run.kind === "close") return void this.lane.members.delete(this);
    this.#opening = undefined;
    if (!this.#dropped) this.#sink.answered(run, answer);
    this.#queue.activate(this);
  }
}
