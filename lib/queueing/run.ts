/**
 * Run: consecutive lines of one connection that travel together, the unit in which jobs move through
 * the queueing layer. A line alone is a run of one.
 */

import { Arrivals } from "./arrivals.ts";
import type { Answer, JobRun, Origin, RunKind, RunStart } from "./executor.ts";
import { LineBlock } from "./line_block.ts";

/** Where a run's replies go: the connection that it came from. */
export interface ReplySink {
  /** Whether jobs must wait, because their replies would find no room. */
  readonly blocked: boolean;
  /** The next lines of `run` are answered. */
  answered(run: Run, answer: Answer): void;
  /** The executor that the connection is pinned to is gone. */
  executorLost(reason: string): void;
}

/** A flow, as its runs see it: it is told what becomes of their lines. */
export interface RunOwner {
  /** Whose lines they are. */
  readonly origin: Origin;
  /** The next lines of `run` are answered. */
  answered(run: Run, answer: Answer): void;
  /** A run took so many microseconds; `start` says where and when, if that is known. */
  took(run: Run, micros: number, start?: RunStart): void;
  /** A job has been running for `micros` and has not ended. */
  stalled(micros: number): void;
  /** Lines that were taken have not been started; `whole`: no more of the run is left. */
  takeBack(run: Run, whole: boolean): void;
}

/** Lines of one connection, in request order, linked to the run behind it. */
export class Run implements JobRun {
  readonly kind: RunKind;
  block: LineBlock;
  /** Position of its first line among all lines of its flow, from 0. */
  readonly position: number;
  /** How many of the lines are answered. */
  settled = 0;
  /** Whether it was given up with its connection: its replies are thrown away. */
  givenUp = false;
  /** How many of its replies the connection has been given, if that is observed. */
  written = 0;
  /** When its lines were accepted, if that is observed. */
  arrivals: Arrivals | undefined;
  /** The next run of this connection, in request order. */
  next: Run | undefined;
  readonly #flow: RunOwner;
  #underWay = false;
  /** What its flow was charged for each of the lines, in microseconds. */
  #price = 0;

  constructor(flow: RunOwner, block = LineBlock.EMPTY, position = 0, kind: RunKind = "lines") {
    this.#flow = flow;
    this.kind = kind;
    this.block = block;
    this.position = position;
  }

  get origin(): Origin {
    return this.#flow.origin;
  }

  get text(): string {
    return this.block.text;
  }

  get count(): number {
    return this.block.count;
  }

  /** Whether every line has been answered. */
  get done(): boolean {
    return this.settled === this.block.count;
  }

  /** Whether a worker has it. */
  get underWay(): boolean {
    return this.#underWay;
  }

  /** What its flow was charged for it, in microseconds. */
  get expected(): number {
    return this.count * this.#price;
  }

  /** It goes to a worker now; its flow is charged `price` microseconds for each line. */
  begin(price: number): void {
    this.#underWay = true;
    this.#price = price;
  }

  /** Its last `lines` lines were accepted at this time, if that is observed. */
  arrived(lines: number, at: number | undefined): void {
    if (at === undefined) return;
    if (this.count === lines) this.arrivals = new Arrivals(at);
    else this.arrivals?.add(this.count - lines, at);
  }

  answered(answer: Answer): void {
    this.settled += answer.lines;
    this.#flow.answered(this, answer);
  }

  took(micros: number, start?: RunStart): void {
    this.#flow.took(this, micros, start);
  }

  stalled(micros: number): void {
    this.#flow.stalled(micros);
  }

  takeBack(from: number): void {
    if (from > 0) return this.#flow.takeBack(this.split(from), false);
    this.#underWay = false;
    this.#flow.takeBack(this, true);
  }

  /** Cuts the run behind line `count`; the rest becomes a run of its own, right behind this one. */
  split(count: number): Run {
    const [head, tail] = this.block.splitAt(count);
    const rest = new Run(this.#flow, tail, this.position + count);
    this.block = head;
    rest.#price = this.#price;
    rest.arrivals = this.arrivals?.splitAt(count);
    rest.givenUp = this.givenUp;
    rest.next = this.next;
    this.next = rest;
    return rest;
  }
}
