/**
 * Frames the replies of one connection of a load, and compares each with the line that it must
 * repeat. Works on bytes: no string is made, and no object per reply.
 */

import { ByteView } from "./byte_view.ts";
import type { LineRing } from "./line_ring.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
/** How an error reply begins. */
const ERROR = new TextEncoder().encode("ERR ");
/** Bytes that a reply may have besides its line: a worker's ID, a space, a line end. */
const REPLY_ROOM = 32;
const LEAST_READ = 4096;
const MOST_READ = 65536;

/** Hears of each reply. */
export interface ReplySink {
  /** The ring's slot of the line whose reply is next; -1 where none is under way. */
  nextSlot(): number;
  /** The next reply is as expected; `worker` answered it, 0 if it does not say. */
  onRight(worker: number): void;
  /** The next reply is not as expected. */
  onWrong(reply: Uint8Array): void;
  /** A reply, right or wrong, begins with `ERR `. */
  onError(): void;
}

/** What a {@linkcode ReplyReader} expects. */
export interface Expectation {
  /** `echo`: a worker's ID, a space and the line; `none`: any line. */
  expect: "echo" | "none";
  /** Lines under way at most. */
  window: number;
  ring: LineRing;
}

/** The replies of a connection, from the bytes that it delivers. */
export class ReplyReader {
  readonly #isEcho: boolean;
  readonly #ring: LineRing;
  readonly #sink: ReplySink;
  readonly #lines: ByteView;
  readonly #input: ByteView;
  /** Bytes at the start of the input that are still to be looked at. */
  #filled = 0;
  /** Whether the beginning of the next reply was thrown away, as too long to keep. */
  #cut = false;

  constructor({ expect, window, ring }: Expectation, sink: ReplySink) {
    this.#isEcho = expect === "echo";
    this.#ring = ring;
    this.#sink = sink;
    this.#lines = new ByteView(ring.bytes);
    const reply = ring.stride + REPLY_ROOM;
    const room = Math.min(Math.max(window * reply, LEAST_READ), MOST_READ);
    this.#input = new ByteView(new Uint8Array(Math.max(room, reply)));
  }

  /** Where the next bytes go. */
  get room(): Uint8Array {
    return this.#input.bytes.subarray(this.#filled);
  }

  /** Takes all replies that are complete, once `count` bytes more are in the {@linkcode room}. */
  take(count: number): void {
    this.#filled += count;
    const input = this.#input.bytes;
    let at = 0;
    for (;;) {
      const next = this.#takeEcho(at) ?? this.#takeLine(at);
      if (next === undefined) break;
      at = next;
    }
    if (at > 0) input.copyWithin(0, at, this.#filled);
    this.#filled -= at;
    if (this.#filled === input.length) {
      this.#filled = 0;
      this.#cut = true;
    }
  }

  /** Takes the reply at `at` if it is the one expected; returns where the next one begins. */
  #takeEcho(at: number): number | undefined {
    const slot = this.#sink.nextSlot();
    if (!this.#isEcho || this.#cut || slot < 0) return undefined;
    const input = this.#input.bytes;
    let worker = 0;
    let space = at;
    for (; space < this.#filled && input[space] >= ZERO && input[space] <= NINE; space++) {
      worker = worker * 10 + input[space] - ZERO;
    }
    const length = this.#ring.stride - 1;
    const end = space + 1 + length;
    if (end >= this.#filled || space === at || input[space] !== SPACE) return undefined;
    const lf = input[end] === CR ? end + 1 : end;
    if (lf >= this.#filled || input[lf] !== LF) return undefined;
    const from = slot * this.#ring.stride;
    if (!this.#input.same(space + 1, { view: this.#lines, from, length })) return undefined;
    this.#sink.onRight(worker);
    return lf + 1;
  }

  /** Takes the reply at `at`, whatever it is, up to its `\n`. */
  #takeLine(at: number): number | undefined {
    const input = this.#input.bytes.subarray(at, this.#filled);
    const end = input.indexOf(LF);
    if (end < 0) return undefined;
    if (ERROR.every((byte, i) => input[i] === byte)) this.#sink.onError();
    if (this.#isEcho || this.#sink.nextSlot() < 0) this.#sink.onWrong(input.subarray(0, end));
    else this.#sink.onRight(0);
    this.#cut = false;
    return at + end + 1;
  }
}
