/**
 * A batch: jobs that travel to a worker together, and the way their replies go back. It is the reactor's side
 * of a {@linkcode BatchSlot}.
 *
 * It does not trust what it reads from the shared memory: a handler that has found a way there spoils its own
 * worker's batches, and nothing else.
 */

import type { Answer, JobRun, Portion } from "../../queueing/executor.ts";
import { type BatchSlot, MAX_BATCH_BYTES } from "../memory/batch_slot.ts";
import type { Spill } from "../memory/messages.ts";
import { headerOf, textOf } from "../memory/run_header.ts";
import type { WorkerAccount } from "./worker_account.ts";
import type { WorkerClock } from "./worker_clock.ts";

/** The worker that a batch is sent to. */
export interface BatchWorker {
  readonly id: number;
  readonly account: WorkerAccount;
  readonly clock: WorkerClock;
}

/** Runs of lines on their way to a worker, in it, or on their way back. */
export class Batch {
  /** Estimated cost, in microseconds. */
  readonly cost: number;
  readonly #runs: JobRun[];
  readonly #slot: BatchSlot;
  readonly #worker: BatchWorker;
  /** When it was sent, by `performance.now()`, if the worker had nothing to do. */
  readonly #sentAt: number | undefined;
  /** Lines of the batch; after a revocation, lines that were started. */
  #lines = 0;
  #revoked = false;
  /** Whether it is one line that is longer than a batch. */
  #oversized = false;
  /** Lines settled, and the next one's position: run, and line in the run. */
  #settled = 0;
  #run = 0;
  #line = 0;

  constructor({ runs, cost }: Portion, slot: BatchSlot, to: { worker: BatchWorker; at?: number }) {
    this.#runs = runs;
    this.#slot = slot;
    this.#worker = to.worker;
    this.#sentAt = to.at;
    this.cost = cost;
    for (const run of runs) this.#lines += run.count;
  }

  /**
   * Puts it into the memory.
   *
   * @returns the lines, if they do not fit and must travel as a message
   */
  fill(): string | undefined {
    const runs = this.#runs.map(({ kind, origin, text }) => ({
      header: headerOf(kind, origin),
      text,
    }));
    if (this.#slot.fill(runs)) return undefined;
    this.#oversized = runs.some(({ text }) => text.length > MAX_BATCH_BYTES);
    return textOf(runs);
  }

  /** Whether the last reply of the finished batch travels as a message. */
  get spilled(): boolean {
    return this.#slot.spilled;
  }

  /** Lines that the worker has started; all but the last one are finished. */
  get started(): number {
    return Math.min(this.#slot.started, this.#lines);
  }

  /** Lines that are not answered yet. */
  get unanswered(): number {
    return this.#lines - this.#settled;
  }

  /**
   * Whether lines wait in it that can be taken back.
   *
   * @param isFirst Whether the worker is at this batch. Then an oversized line that is not started is being
   * read: taken back and sent again each time, it would never run
   */
  waiting(isFirst: boolean): boolean {
    if (this.#revoked || this.started >= this.#lines) return false;
    return !(isFirst && this.#oversized);
  }

  /** Passes on finished replies while the batch is under way. */
  harvest(): void {
    this.#settleUpTo((this.#revoked ? this.#lines : this.started) - 1);
  }

  /** The line under way has kept the worker for `micros` microseconds so far. */
  stalled(micros: number): void {
    this.harvest();
    if (this.#settled < this.#lines) this.#runs[this.#run].stalled(micros);
  }

  /** Takes back the lines not started. The worker goes on with the one it is at. */
  revoke(): void {
    if (this.#revoked) return;
    this.#revoked = true;
    const started = this.#slot.revoke();
    // If a handler has written there, one line counts as started: else it could be run for ever.
    const claimed = started < 0 ? this.#settled + 1 : Math.max(this.#settled, started);
    this.#takeBackFrom(Math.min(claimed, this.#lines));
  }

  /** The worker has ended the batch: passes on all replies, and takes back lines not started. */
  finish(heard: number, spill?: Spill): void {
    this.revoke();
    this.#settleUpTo(spill === undefined ? this.#lines : this.#lines - 1);
    if (spill !== undefined && this.#settled < this.#lines) {
      const { bytes, failed, ends } = spill;
      this.#settle({ lines: 1, bytes, failed: failed ? 1 : 0, ends: ends === true });
    }
    this.#account((_, index) => this.#slot.cost(index), heard);
  }

  /**
   * The worker is lost: `reply` answers the line it was at for `micros` microseconds, and lines not started
   * are taken back.
   */
  abort(reply: Uint8Array, micros: number): void {
    this.revoke();
    if (this.#lines === 0) return;
    this.#settleUpTo(this.#slot.resting ? this.#lines : this.#lines - 1);
    const last = this.#runs[Math.min(this.#run, this.#runs.length - 1)];
    if (this.#settled < this.#lines) {
      this.#settle({ lines: 1, bytes: reply, failed: 1, ends: false });
    }
    this.#account((run, index) => run === last ? micros : this.#slot.cost(index));
  }

  /** Tells each run what it took and when it began. If the batch has ended, it was `heard` of now. */
  #account(cost: (run: JobRun, index: number) => number, heard?: number): void {
    const { id: executor, account, clock } = this.#worker;
    const { begun } = this.#slot;
    const costs = this.#runs.map(cost);
    let millis = 0;
    for (const micros of costs) millis += micros / 1000;
    if (heard !== undefined) {
      clock.learn({ sent: this.#sentAt, heard, begun, ended: begun + millis });
    }
    let at = Math.min((heard ?? performance.now()) - millis, clock.read(begun));
    this.#runs.forEach((run, index) => {
      account.ran(run.kind === "lines" ? run.count : 0, costs[index]);
      run.took(costs[index], { executor, at });
      at += costs[index] / 1000;
    });
  }

  #settleUpTo(finished: number): void {
    const slot = this.#slot;
    while (this.#settled < finished) {
      const left = this.#runs[this.#run].count - this.#line;
      const from = this.#settled;
      let to = Math.min(finished, from + left);
      let failed = 0;
      let ends = false;
      if (slot.marked) {
        for (let line = from; line < to; line++) {
          if (slot.failed(line)) failed++;
          ends = slot.endsConnection(line);
          if (ends) to = line + 1;
        }
      }
      const bytes = slot.replies.subarray(slot.end(from), slot.end(to));
      this.#settle({ lines: to - from, bytes, failed, ends });
    }
  }

  #settle(answer: Answer): void {
    const run = this.#runs[this.#run];
    this.#settled += answer.lines;
    this.#line += answer.lines;
    if (this.#line === run.count) {
      this.#run++;
      this.#line = 0;
    }
    run.answered(answer);
  }

  #takeBackFrom(line: number): void {
    if (line >= this.#lines) return;
    let last = this.#lines;
    this.#lines = line;
    // From the last run to the first: each goes to the front of its queue.
    while (last > line) {
      const run = this.#runs[this.#runs.length - 1];
      const first = last - run.count;
      if (first >= line) this.#runs.pop();
      run.takeBack(Math.max(0, line - first));
      last = first;
    }
  }
}
