/**
 * A batch: the jobs that travel to a worker together, and the way their replies go back. The reactor's
 * side of a {@linkcode BatchSlot}.
 */

import { type BatchSlot, MAX_BATCH_BYTES } from "./batch_slot.ts";
import type { Spill } from "./reply_writer.ts";

/** Consecutive lines of one origin, as the half-sync layer sees them. */
export interface JobRun {
  /** The lines as one byte string, one code unit per byte, parted by `\n`. */
  readonly text: string;
  /** Number of lines. */
  readonly count: number;
  /** The next `lines` lines are answered by `bytes`, valid during the call; `failed` of them by `ERR`. */
  answered(lines: number, bytes: Uint8Array, failed: number): void;
  /** Its lines took a worker so many microseconds. */
  took(micros: number): void;
  /** The line under way has kept its worker for so many microseconds already. */
  stalled(micros: number): void;
  /** The lines from index `from` on have not been started: another worker may have them. */
  takeBack(from: number): void;
}

/** What is known of a batch when it is sent. */
export interface BatchTraits {
  /** Estimated cost, in microseconds. */
  cost: number;
  /** Whether the reactor may look out for its end instead of going to sleep. */
  lookOut: boolean;
  /** Whether its worker may listen for the next one instead of going to sleep. */
  listen: boolean;
}

/** Runs of lines under way to, in, and back from one worker. */
export class Batch {
  /** Estimated cost, in microseconds. */
  readonly cost: number;
  readonly #runs: JobRun[];
  readonly #slot: BatchSlot;
  /** Lines of the batch; after a revocation, those that were started. */
  #lines = 0;
  #revoked = false;
  /**
   * Whether it is one line longer than a batch: to read it takes the worker a while. A line of 32 MiB that
   * was taken back meanwhile, and sent again, went round for ever.
   */
  #oversized = false;
  /** Lines settled, and where the next one stands: run, and line in the run. */
  #settled = 0;
  #run = 0;
  #line = 0;

  constructor(runs: JobRun[], slot: BatchSlot, { cost, listen }: BatchTraits) {
    this.#runs = runs;
    this.#slot = slot;
    this.cost = cost;
    for (const run of runs) this.#lines += run.count;
    slot.open(listen);
  }

  /**
   * Sends it to the worker: runs parted by `\r`, their lines by `\n`; no line holds either. They go
   * through the memory if they can; `post` sends what it is given, or no more than a sign, as a message.
   */
  send(post: (lines: string | null) => void): void {
    const texts = this.#runs.map((run) => run.text);
    const put = this.#slot.put(texts);
    const awake = this.#slot.sent.ring();
    if (put) return awake ? undefined : post(null);
    const text = texts.join("\r");
    this.#oversized = text.length > MAX_BATCH_BYTES;
    post(text);
  }

  /** Whether the worker has ended it, and said so by the bell: nobody else can. */
  get ended(): boolean {
    return this.#slot.done.rung;
  }

  /** Lines the worker has started. */
  get started(): number {
    return this.#revoked ? this.#lines : this.#slot.started;
  }

  /** Whether there are lines that the worker has not started, and that it is not about to. */
  get waiting(): boolean {
    return this.started < this.#lines && !(this.#oversized && this.started === 0);
  }

  /** Passes on the replies that are finished while the batch is still under way. */
  harvest(): void {
    this.#settleUpTo(this.started - 1);
  }

  /** The line under way has kept the worker for so many microseconds already. */
  stalled(micros: number): void {
    this.harvest();
    if (this.#settled < this.#lines) this.#runs[this.#run].stalled(micros);
  }

  /** Takes back the lines not started. The worker goes on with the one it is at. */
  revoke(): void {
    if (this.#revoked) return;
    this.#revoked = true;
    this.#takeBackFrom(this.#slot.revoke());
  }

  /** The worker has ended the batch: passes on every reply, and takes back what was not started. */
  finish(spill: Spill | undefined): void {
    this.revoke();
    this.#settleUpTo(spill === undefined ? this.#lines : this.#lines - 1);
    if (spill !== undefined) this.#settle(1, spill.bytes, spill.failed ? 1 : 0);
    this.#runs.forEach((run, index) => run.took(this.#slot.cost(index)));
  }

  /**
   * The worker is lost: the line it was at, which has kept it for so many microseconds, is answered by
   * `reply`, lines not started are taken back.
   */
  abort(reply: Uint8Array, micros: number): void {
    this.revoke();
    this.#settleUpTo(this.#lines - 1);
    if (this.#lines === 0) return;
    const last = this.#runs[this.#run];
    this.#settle(1, reply, 1);
    this.#runs.forEach((run, index) => run.took(run === last ? micros : this.#slot.cost(index)));
  }

  #settleUpTo(finished: number): void {
    const slot = this.#slot;
    while (this.#settled < finished) {
      const left = this.#runs[this.#run].count - this.#line;
      const to = Math.min(finished, this.#settled + left);
      const bytes = slot.replies.subarray(slot.end(this.#settled), slot.end(to));
      this.#settle(to - this.#settled, bytes, slot.failures(this.#settled, to));
    }
  }

  #settle(lines: number, bytes: Uint8Array, failed: number): void {
    const run = this.#runs[this.#run];
    this.#settled += lines;
    this.#line += lines;
    if (this.#line === run.count) {
      this.#run++;
      this.#line = 0;
    }
    run.answered(lines, bytes, failed);
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
