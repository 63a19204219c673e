/**
 * The shared memory of one batch under way: how far its worker has come, and the replies so far.
 *
 * Lines travel to a worker as a message; this memory is what the reactor may look at while the worker
 * is busy, or stuck. So it can take back the lines that have not been started, and loses no reply that
 * was finished before a job that hangs.
 */

/** Most lines of one batch. */
export const MAX_BATCH_LINES = 1024;

/** Room for the replies of one batch, in bytes; a reply that does not fit travels as a message. */
export const REPLY_BYTES = 256 * 1024;

/** Longest text of one batch, in bytes: its replies, a little longer than it, should fit their room. */
export const MAX_BATCH_BYTES = REPLY_BYTES / 2;

const HEADER_BYTES = 16;
const COST_BYTES = MAX_BATCH_LINES * 8;
const END_BYTES = MAX_BATCH_LINES * 4;

/** Marks, in the table of reply ends, an error reply. */
const FAILED = 1 << 30;

/** Marks, in the word that counts lines started, that no further one may be. */
const REVOKED = 1 << 30;

/** One batch's shared memory, seen from either side. */
export class BatchSlot {
  /** What is handed to the other side. */
  readonly memory: SharedArrayBuffer;
  /** The replies, one behind the other, each with its terminator. */
  readonly replies: Uint8Array;
  /** Word 0: lines started, and whether the rest is revoked. Word 1: error replies so far. */
  readonly #words: Int32Array;
  /** What each run of the batch took, in microseconds. */
  readonly #costs: Float64Array;
  /** Where each line's reply ends in `replies`. */
  readonly #ends: Int32Array;

  constructor(
    memory = new SharedArrayBuffer(HEADER_BYTES + COST_BYTES + END_BYTES + REPLY_BYTES),
  ) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#costs = new Float64Array(memory, HEADER_BYTES, MAX_BATCH_LINES);
    this.#ends = new Int32Array(memory, HEADER_BYTES + COST_BYTES, MAX_BATCH_LINES);
    this.replies = new Uint8Array(memory, HEADER_BYTES + COST_BYTES + END_BYTES, REPLY_BYTES);
  }

  /** Reactor: makes the slot ready for a batch. */
  open(): void {
    this.#words[1] = 0;
    Atomics.store(this.#words, 0, 0);
  }

  /** Worker: claims the next line for itself; `false` when the reactor has taken it back. */
  claim(): boolean {
    return Atomics.add(this.#words, 0, 1) < REVOKED;
  }

  /** Reactor: takes back every line not started. @returns how many were started */
  revoke(): number {
    return Atomics.or(this.#words, 0, REVOKED) & ~REVOKED;
  }

  /** Reactor: lines claimed by the worker, as long as none is revoked. All but the last are finished. */
  get started(): number {
    return Atomics.load(this.#words, 0);
  }

  /** Worker: line `index` is answered; its reply ends at `end`. */
  finish(index: number, end: number): void {
    this.#ends[index] = end;
  }

  /** Worker: line `index` is answered with an error reply that ends at `end`. */
  fail(index: number, end: number): void {
    this.#ends[index] = end | FAILED;
    this.#words[1]++;
  }

  /** Where the replies of the first `lines` lines end. */
  end(lines: number): number {
    return lines === 0 ? 0 : this.#ends[lines - 1] & ~FAILED;
  }

  /** Error replies among the lines from `from` up to, not including, `to`. */
  failures(from: number, to: number): number {
    if (this.#words[1] === 0) return 0;
    let failures = 0;
    for (let line = from; line < to; line++) if (this.#ends[line] & FAILED) failures++;
    return failures;
  }

  /** Worker: run `run` of the batch took `micros` microseconds. */
  setCost(run: number, micros: number): void {
    this.#costs[run] = micros;
  }

  /** What run `run` took, in microseconds, once the batch is done. */
  cost(run: number): number {
    return this.#costs[run];
  }
}
