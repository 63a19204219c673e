/**
 * The framing of a client: chunks of bytes in, reply lines out. A reply ends with `\n` or `\r\n`.
 */

import { Buffer } from "node:buffer";

const LF = 10;
const CR = 13;

/** Least room for a reply that comes in several chunks, in bytes. */
const MIN_ROOM = 1024;

/** Cuts one stream of bytes into replies. */
export class ReplyFramer {
  readonly #maxReply: number;
  /** The beginning of a reply that has not ended yet. Its room grows by doubling, as chunks may be tiny. */
  #room = new Uint8Array(0);
  #filled = 0;
  /** Whether the reply under way is too long, and has been given as such. */
  #skipping = false;

  /** @param maxReply Longest reply, in bytes without its end. */
  constructor(maxReply: number) {
    this.#maxReply = maxReply;
  }

  /**
   * The replies that a chunk completes, each as a byte string (one code unit for each byte). A reply that is
   * too long is given as `undefined` as soon as that is known, and the rest of it is skipped.
   */
  *push(chunk: Uint8Array): Generator<string | undefined> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const skipped = this.#skipping;
      const reply = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (!skipped) yield reply;
    }
    if (this.#skipping || start === chunk.length) return;
    this.#keep(chunk.subarray(start));
    if (this.#filled <= this.#maxReply + 1) return; // the one more may be the `\r` of its end
    this.#skipping = true;
    this.#drop();
    yield undefined;
  }

  #complete(last: Uint8Array): string | undefined {
    this.#skipping = false;
    const torn = this.#filled > 0;
    if (torn) this.#keep(last);
    const bytes = torn ? this.#room.subarray(0, this.#filled) : last;
    const length = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    const reply = length > this.#maxReply
      ? undefined
      : Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("latin1");
    this.#drop();
    return reply;
  }

  #keep(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#room.length) {
      const room = new Uint8Array(Math.max(MIN_ROOM, filled, 2 * this.#room.length));
      room.set(this.#room.subarray(0, this.#filled));
      this.#room = room;
    }
    this.#room.set(bytes, this.#filled);
    this.#filled = filled;
  }

  #drop(): void {
    this.#filled = 0;
    if (this.#room.length > MIN_ROOM) this.#room = new Uint8Array(0);
  }
}
