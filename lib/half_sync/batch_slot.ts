/**
 * The shared memory of one batch under way: its lines, how far its worker has come, and the replies so
 * far.
 *
 * The reactor may look at it while the worker is busy, or stuck. So it can take back the lines that have
 * not been started, and loses no reply that was finished before a job that hangs.
 */

import { Buffer } from "node:buffer";
import { Bell } from "./bell.ts";

/** Most lines of one batch. */
export const MAX_BATCH_LINES = 1024;

/**
 * Room for the replies of one batch, in bytes; a reply that does not fit travels as a message. The lines'
 * half of it holds two runs of 64 KiB: with 256 KiB, that hold one, 0.8 of the rate with lines of 1 KiB.
 * With 576 KiB others wait: a polite client of `deno task limits mixed-lines` 165 ms (95th percentile).
 */
export const REPLY_BYTES = 320 * 1024;

/** Longest text of one batch, in bytes: its replies, a little longer than it, should fit their room. */
export const MAX_BATCH_BYTES = REPLY_BYTES / 2;

/** Where the parts of the memory begin. */
const COSTS = 32;
const ENDS = COSTS + MAX_BATCH_LINES * 8;
const REPLIES = ENDS + MAX_BATCH_LINES * 4;
const LINES = REPLIES + REPLY_BYTES;
const SIZE = LINES + MAX_BATCH_BYTES;

/**
 * Texts of so many bytes in the mean are put in one by one. Joined, they would be copied once more, into
 * fresh memory of V8's heap; for short ones that costs less than a call into the encoder for each.
 */
const LONG_TEXT = 1024;

/** The byte between two texts, which none of them holds: `\r`. */
const SEPARATOR = 13;

/** Marks, in the table of reply ends, an error reply. */
const FAILED = 1 << 30;

/** Marks, in the word that counts lines started, that no further one may be. */
const REVOKED = 1 << 30;

/**
 * The words: lines started, and whether the rest is revoked; error replies so far; the bytes of the lines
 * in the memory, or -1 when they travel as a message; whether the load is light; and the two bells.
 */
const STARTED = 0;
const FAILURES = 1;
const LENGTH = 2;
const LIGHT = 3;
const SENT = 4;
const DONE = 5;
const WORDS = 6;

const encoder = new TextEncoder();

/** One batch's shared memory, seen from either side. */
export class BatchSlot {
  /** What is handed to the other side. */
  readonly memory: SharedArrayBuffer;
  /** The replies, one behind the other, each with its terminator. */
  readonly replies: Uint8Array;
  /** Rung by the reactor: a batch is there. */
  readonly sent: Bell;
  /** Rung by the worker: the batch is done, and none of its replies needs a message. */
  readonly done: Bell;
  readonly #words: Int32Array;
  /** What each run of the batch took, in microseconds. */
  readonly #costs: Float64Array;
  /** Where each line's reply ends in `replies`. */
  readonly #ends: Int32Array;
  /** The lines, if they are ASCII. */
  readonly #lines: Buffer;

  constructor(memory = new SharedArrayBuffer(SIZE)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.sent = new Bell(this.#words, SENT);
    this.done = new Bell(this.#words, DONE);
    this.#costs = new Float64Array(memory, COSTS, MAX_BATCH_LINES);
    this.#ends = new Int32Array(memory, ENDS, MAX_BATCH_LINES);
    this.replies = new Uint8Array(memory, REPLIES, REPLY_BYTES);
    this.#lines = Buffer.from(memory, LINES, MAX_BATCH_BYTES);
  }

  /** Reactor: makes the slot ready for a batch; `light` is told to the worker. */
  open(light: boolean): void {
    this.#words[FAILURES] = 0;
    this.#words[LIGHT] = light ? 1 : 0;
    this.done.silence();
    Atomics.store(this.#words, STARTED, 0);
  }

  /**
   * Reactor: puts byte strings in, lines each, which will be parted by `\r`.
   *
   * @returns whether they are ASCII and fit, and so are in
   */
  put(texts: string[]): boolean {
    this.#words[LENGTH] = -1;
    const bytes = texts.reduce((sum, text) => sum + text.length, texts.length - 1);
    if (bytes > MAX_BATCH_BYTES) return false;
    const pieces = bytes < LONG_TEXT * texts.length ? [texts.join("\r")] : texts;
    let end = 0;
    for (const [index, text] of pieces.entries()) {
      if (index > 0) this.#lines[end++] = SEPARATOR;
      const { read, written } = encoder.encodeInto(text, this.#lines.subarray(end));
      if (read !== text.length || written !== text.length) return false;
      end += written;
    }
    this.#words[LENGTH] = end;
    return true;
  }

  /** Worker: the lines of the batch, which is told of; `undefined` if they travel as a message. */
  take(): string | undefined {
    this.sent.silence();
    return this.filled ? this.#lines.toString("latin1", 0, this.#words[LENGTH]) : undefined;
  }

  /** Whether the lines are in the memory. */
  get filled(): boolean {
    return this.#words[LENGTH] >= 0;
  }

  /** Worker: whether there was little to do when the batch was sent, and the next one may be close. */
  get light(): boolean {
    return this.#words[LIGHT] === 1;
  }

  /** Worker: claims the next line for itself; `false` when the reactor has taken it back. */
  claim(): boolean {
    return Atomics.add(this.#words, STARTED, 1) < REVOKED;
  }

  /** Reactor: takes back every line not started. @returns how many were started */
  revoke(): number {
    return Atomics.or(this.#words, STARTED, REVOKED) & ~REVOKED;
  }

  /** Reactor: lines claimed by the worker, as long as none is revoked. All but the last are finished. */
  get started(): number {
    return Atomics.load(this.#words, STARTED);
  }

  /** Worker: line `index` is answered; its reply ends at `end`. */
  finish(index: number, end: number): void {
    this.#ends[index] = end;
  }

  /** Worker: line `index` is answered with an error reply that ends at `end`. */
  fail(index: number, end: number): void {
    this.#ends[index] = end | FAILED;
    this.#words[FAILURES]++;
  }

  /** Where the replies of the first `lines` lines end. */
  end(lines: number): number {
    return lines === 0 ? 0 : this.#ends[lines - 1] & ~FAILED;
  }

  /** Error replies among the lines from `from` up to, not including, `to`. */
  failures(from: number, to: number): number {
    if (this.#words[FAILURES] === 0) return 0;
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
