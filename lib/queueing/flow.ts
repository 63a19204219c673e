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
import { WaitingRuns } from "./waiting_runs.ts";

/** Positions of the jobs at a connection's beginning and end, among those of its lines. */
const BEFORE_ALL = -1;
const BEHIND_ALL = Infinity;

/** What a flow belongs to. */
export interface FlowOptions {
  /** Whose lines they are. @default {nobody's: there is no connection} */
  origin?: Origin;
  /** The lane of the executor that it is pinned to. @default {the common one} */
  lane?: Lane<Flow>;
}

/** A job that is no line: its text is empty. */
const NO_LINE = new LineBlock("", 1);

/** One connection's jobs: those that wait, and a count of those under way. */
export class Flow implements RunOwner, LaneMember<Flow> {
  /** Its position in the turns; only they write there. */
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
  readonly #waiting = new WaitingRuns();
  readonly #estimate: CostEstimate;
  #inFlight = 0;
  /** Runs that executors have. */
  readonly #underWay = new Set<Run>();
  /** The connection's beginning, until its job is done. */
  #opening: Run | undefined;
  /** Whether a job of its connection has been started. */
  #isKnown = false;
  #dropped = false;
  /** Whether its end is settled: no job is added after that. */
  #left = false;

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
    lane?.join(this);
  }

  /** Whether one of its jobs waits or is under way, be it a line or the opening. */
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
    if (this.#waiting.first === undefined) return false;
    if (this.#inFlight > 0 && (this.#queue.serial || this.#opening !== undefined)) return false;
    return this.#dropped || !this.#sink.blocked;
  }

  /** Accepts lines. @returns the run that they join, or a new one */
  push(lines: LineBlock): Run {
    const run = this.#waiting.push(lines, () => new Run(this, lines, this.#accepted));
    run.arrived(lines.count, this.#queue.observer?.accepted(this.origin, this.#accepted, lines));
    this.#accepted += lines.count;
    this.unanswered += lines.count;
    this.unansweredBytes += lines.size;
    this.#queue.pushed(this, lines);
    return run;
  }

  /** Adds the connection's opening job: no line runs before it. */
  open(): Run {
    return this.#opening = this.#addHook("open", BEFORE_ALL);
  }

  /** The next line starts a new run. */
  close(): void {
    this.#waiting.close();
  }

  get firstCount(): number {
    return this.#waiting.first!.count;
  }

  fitting(bytes: number): number {
    return this.#waiting.first!.block.fitting(bytes);
  }

  /** Takes lines of its first run, and is charged for them. @returns them as one run */
  take(lines: number): Run {
    const run = this.#waiting.take(lines);
    this.#inFlight += run.count;
    this.#underWay.add(run);
    run.begin(this.#estimate.price);
    this.lane.turns.charge(this.turn, run.expected);
    return run;
  }

  /**
   * Lines that were taken have not been started. They wait again where they stood, as the replies of later
   * lines wait for theirs. If the connection is gone, they are given up.
   *
   * @param whole Whether they are all that is left of the run
   */
  takeBack(run: Run, whole: boolean): void {
    this.#inFlight -= run.count;
    if (whole) this.#underWay.delete(run);
    if (run.givenUp) this.#queue.answered(run.count, run.block.size);
    else if (this.#dropped && run.kind === "open") this.#opening = undefined;
    else {
      this.#waiting.put(run);
      this.#queue.wait(this, run.count, run.block.size);
    }
    // Behind that: a flow without a job would lose its claim to what it has not had.
    this.lane.turns.refund(this.turn, run.expected, whole);
    this.#goOn();
  }

  /** The next lines of `run` are answered. */
  answered(run: Run, answer: Answer): void {
    const { lines } = answer;
    this.#isKnown = true;
    this.#inFlight -= lines;
    if (run.done) this.#underWay.delete(run);
    if (run.kind !== "lines") return this.#hookEnded(run, answer);
    const released = run.done ? run.block.size : 0;
    this.#queue.answered(lines, released);
    if (run.givenUp) return this.#goOn();
    this.unanswered -= lines;
    this.unansweredBytes -= released;
    this.#queue.observer?.answered(run, answer);
    this.#sink.answered(run, answer);
  }

  /** A run took so many microseconds: corrects the estimate and what the flow was charged. */
  took(run: Run, micros: number, start?: RunStart): void {
    if (start !== undefined && run.kind === "lines") this.#queue.observer?.ran(run, micros, start);
    const charged = this.#estimate.took(run.count, micros);
    this.lane.turns.settle(this.turn, run.expected, charged);
  }

  /** A job has been running for `micros` and has not ended. */
  stalled(micros: number): void {
    this.#estimate.stalled(micros);
  }

  /** Gives up all lines behind position `last`, those under way too. @returns their number */
  giveUpBehind(last: number): number {
    const { jobs, bytes } = this.#waiting.removeBehind(last);
    let lines = jobs;
    for (const run of this.#underWay) {
      // A run that holds the last one is settled up to it; its other lines are given up.
      if (run.givenUp || run.position + run.count - 1 <= last) continue;
      run.givenUp = true;
      lines += run.count - run.settled;
      this.unansweredBytes -= run.block.size;
    }
    this.#queue.observer?.dropped(this.origin, last);
    this.unanswered -= lines;
    this.unansweredBytes -= bytes;
    this.#queue.answered(jobs, bytes);
    this.#queue.dropped(this, jobs, bytes);
    return lines;
  }

  /** The connection is gone: every line is given up. @returns their number */
  drop(): number {
    this.#dropped = true;
    this.#dropOpening();
    const lines = this.giveUpBehind(BEFORE_ALL);
    this.#goOn();
    return lines;
  }

  /** Its executor is lost, or has to go: its connection ends. */
  executorLost(reason: string, isAlive: boolean): void {
    this.#dropOpening();
    if (!isAlive) { // nobody is there to hear of the end
      this.#left = true;
      this.lane.leave(this);
    }
    if (!this.#dropped) this.#sink.executorLost(reason);
  }

  #addHook(kind: "open" | "close", position: number): Run {
    const run = new Run(this, NO_LINE, position, kind);
    this.#waiting.put(run);
    this.#queue.wait(this, run.count, run.block.size);
    return run;
  }

  #hookEnded(run: Run, answer: Answer): void {
    if (run.kind === "close") return this.lane.leave(this);
    this.#opening = undefined;
    if (!this.#dropped) this.#sink.answered(run, answer);
    this.#goOn();
  }

  /** Drops the opening job, unless an executor has it. */
  #dropOpening(): void {
    const run = this.#opening;
    if (run === undefined || run.underWay) return;
    this.#opening = undefined;
    this.#waiting.remove(run);
    this.#queue.dropped(this, run.count, run.block.size);
  }

  /** A job has ended: what waited for it goes on. A pinned connection that is gone ends next. */
  #goOn(): void {
    this.#queue.activate(this);
    if (!this.#dropped || this.#left || this.#underWay.size > 0) return;
    this.#left = true;
    if (this.#isPinned && this.#isKnown) this.#addHook("close", BEHIND_ALL);
    else this.lane.leave(this);
  }
}
