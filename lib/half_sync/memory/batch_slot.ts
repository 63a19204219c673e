/**
 * The shared memory of one batch: its lines, how far its worker has come, and the replies so far.
 *
 * The reactor may look at it while the worker is busy, or stuck. So it can take back lines that have not been
 * started, and loses no reply that was finished before a job that hangs.
 */

import { Buffer } from "node:buffer";
import { tuned } from "../../tuning.ts";
import { type HeadedRun, textOf } from "./run_header.ts";

/** Most lines of one batch. */
export const MAX_BATCH_LINES = tuned("batchLines", 1024);

/**
 * Room for the replies of one batch, in bytes; a reply that does not fit travels as a message. Half of it
 * bounds the lines, and must hold two runs of 64 KiB: with one, lines of 1 KiB have 0.8 of the rate. With
 * much more, a batch of long lines keeps other clients waiting.
 */
export const REPLY_BYTES = 320 * 1024;

/**
 * Longest text of one batch, in bytes. It is half the room for replies, so that replies a little longer than
 * their lines fit.
 */
export const MAX_BATCH_BYTES = REPLY_BYTES / 2;

/** Where the parts of the memory begin. */
const BEGUN = 32;
const COSTS = BEGUN + 8;
const ENDS = COSTS + MAX_BATCH_LINES * 8;
const REPLIES = ENDS + MAX_BATCH_LINES * 4;
const LINES = REPLIES + REPLY_BYTES;
/** The lines are stored as UTF-8: bytes that are not ASCII take two, and each run has a header. */
const LINES_ROOM = 2 * MAX_BATCH_BYTES + 64 * MAX_BATCH_LINES;
const SIZE = LINES + LINES_ROOM;

/**
 * Runs longer than this on average, in bytes, are put in and read one by one. Joined, they would be copied
 * once more, and a text of 128 KiB is a large object of V8's heap: with lines of 1 KiB, each worker's heap
 * grew to 60 MB in place of 15. For short ones the copy costs less than a call of the encoder for each.
 */
const LONG_TEXT = 1024;

/** Marks in the table of reply ends: an error reply, and a job that has ended its connection. */
const FAILED = 1 << 30;
const ENDS_CONNECTION = 1 << 29;
const MARKS = FAILED | ENDS_CONNECTION;

/** Mark in the word that counts lines started: no further line may be. */
const REVOKED = 1 << 30;

/**
 * The words: lines started, and whether the rest is revoked; marked replies so far; bytes of the lines in the
 * memory, or -1 if they travel as a message; whether they are ASCII; whether the last reply travels as a
 * message; whether the worker is between two lines; how many runs stand one by one, or 0 if they are joined.
 */
const STARTED = 0;
const MARKED = 1;
const LENGTH = 2;
const ASCII = 3;
const SPILLED = 4;
const RESTING = 5;
const APART = 6;
const WORDS = 7;

const encoder = new TextEncoder();

/** The texts of a batch's runs. */
export interface RunTexts {
  readonly length: number;
  at(run: number): string | undefined;
}

/** One batch's shared memory, seen from either side. */
export class BatchSlot {
  /** What is handed to the other side. */
  readonly memory: SharedArrayBuffer;
  /** The replies, one behind the other, each with its terminator. */
  readonly replies: Uint8Array;
  readonly #words: Int32Array;
  /** When the batch was begun, by the worker's clock. */
  readonly #begun: Float64Array;
  /** What each run of the batch took, in microseconds. */
  readonly #costs: Float64Array;
  /**
   * Where each line's reply ends in `replies`; before the worker begins, where the lines of each run that
   * stands by itself end.
   */
  readonly #ends: Int32Array;
  /** The lines, as the UTF-8 of their byte strings. */
  readonly #lines: Buffer;

  constructor(memory = new SharedArrayBuffer(SIZE)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#begun = new Float64Array(memory, BEGUN, 1);
    this.#costs = new Float64Array(memory, COSTS, MAX_BATCH_LINES);
    this.#ends = new Int32Array(memory, ENDS, MAX_BATCH_LINES);
    this.replies = new Uint8Array(memory, REPLIES, REPLY_BYTES);
    this.#lines = Buffer.from(memory, LINES, LINES_ROOM);
  }

  /**
   * Reactor: begins a batch and puts its runs in, joined by `\r` or one by one. A run is its header and its
   * lines, parted by `\n`.
   *
   * @returns whether they fit; if not, they are not in
   */
  fill(runs: readonly HeadedRun[]): boolean {
    this.#words[MARKED] = 0;
    this.#words[SPILLED] = 0;
    this.#words[RESTING] = 0;
    this.#words[LENGTH] = -1;
    this.#words[ASCII] = 0;
    Atomics.store(this.#words, STARTED, 0);
    let bytes = 0;
    for (const { text } of runs) bytes += text.length + 1;
    if (bytes - 1 > MAX_BATCH_BYTES) return false;
    const apart = bytes >= LONG_TEXT * runs.length;
    this.#words[APART] = apart ? runs.length : 0;
    this.#words[ASCII] = 1;
    let end = apart ? 0 : this.#put(textOf(runs), 0);
    for (const [run, { header, text }] of apart ? runs.entries() : []) {
      end = this.#put(text, this.#put(`${header}\n`, end));
      this.#ends[run] = end;
    }
    this.#words[LENGTH] = end;
    if (end < 0) this.#words[ASCII] = 0;
    return end >= 0;
  }

  /** Puts a text in. @returns its end; -1 if it does not fit: it is not ASCII */
  #put(text: string, at: number): number {
    if (at < 0) return at;
    const { read, written } = encoder.encodeInto(text, this.#lines.subarray(at));
    if (written > read) this.#words[ASCII] = 0;
    return read < text.length ? -1 : at + written;
  }

  /** Worker: the texts of the runs; `undefined` if they travel as a message. */
  read(): RunTexts | undefined {
    const length = this.#words[LENGTH];
    if (length < 0) return undefined;
    const apart = Math.min(this.#words[APART], MAX_BATCH_LINES); // a handler may have written there
    if (apart <= 0) return this.#text(0, length).split("\r");
    const ends = this.#ends.slice(0, apart);
    return { length: apart, at: (run) => this.#text(run > 0 ? ends[run - 1] : 0, ends[run]) };
  }

  #text(from: number, to: number): string {
    return this.#lines.toString(this.ascii ? "latin1" : "utf8", from, to);
  }

  /** Worker: whether the lines are known to be ASCII; those of a message are not. */
  get ascii(): boolean {
    return this.#words[ASCII] === 1;
  }

  /** Worker: the last reply travels as a message, and ends the batch. */
  spill(): void {
    this.#words[SPILLED] = 1;
  }

  /** Reactor: whether the last reply of a finished batch travels as a message. */
  get spilled(): boolean {
    return this.#words[SPILLED] === 1;
  }

  /** Worker: it is between two spells, and so between two lines: all lines started are finished. */
  rest(resting: boolean): void {
    Atomics.store(this.#words, RESTING, resting ? 1 : 0);
  }

  /** Reactor: whether the worker is between two lines. */
  get resting(): boolean {
    return Atomics.load(this.#words, RESTING) === 1;
  }

  /** Worker: claims the next line; `false` if the reactor has taken it back. */
  claim(): boolean {
    return Atomics.add(this.#words, STARTED, 1) < REVOKED;
  }

  /** Reactor: takes back every line not started. @returns how many were; below 0: a handler wrote there */
  revoke(): number {
    const started = Atomics.or(this.#words, STARTED, REVOKED);
    return started < REVOKED ? started : -1;
  }

  /** Reactor: lines that the worker has claimed, while none is revoked. All but the last are finished. */
  get started(): number {
    return Atomics.load(this.#words, STARTED);
  }

  /** Worker: line `index` is answered; its reply ends at `end`. */
  finish(index: number, end: number): void {
    this.#ends[index] = end;
  }

  /** Worker: finished line `index` was answered with an error reply, or ended its connection. */
  mark(index: number, { failed, ends }: { failed: boolean; ends: boolean }): void {
    this.#ends[index] |= (failed ? FAILED : 0) | (ends ? ENDS_CONNECTION : 0);
    this.#words[MARKED]++;
  }

  /** Where the replies of the first `lines` lines end. */
  end(lines: number): number {
    return lines === 0 ? 0 : this.#ends[lines - 1] & ~MARKS;
  }

  /** Whether any of the lines so far is marked. */
  get marked(): boolean {
    return this.#words[MARKED] !== 0;
  }

  /** Whether line `index` was answered with an error reply. */
  failed(index: number): boolean {
    return (this.#ends[index] & FAILED) !== 0;
  }

  /** Whether the job of line `index` has ended its connection. */
  endsConnection(index: number): boolean {
    return (this.#ends[index] & ENDS_CONNECTION) !== 0;
  }

  /** Worker: the batch is begun now, in milliseconds by the worker's `performance.now()`. */
  begin(now: number): void {
    this.#begun[0] = now;
  }

  /** When the batch was begun, by the worker's clock. */
  get begun(): number {
    return this.#begun[0];
  }

  /** Worker: run `run` of the batch took `micros` microseconds. */
  setCost(run: number, micros: number): void {
    this.#costs[run] = micros;
  }

  /** What run `run` took, in microseconds, once the batch is done. */
  cost(run: number): number {
    const micros = this.#costs[run];
    return micros >= 0 && micros < Infinity ? micros : 0;
  }
}
