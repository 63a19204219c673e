/**
 * Writes the replies of a batch into its shared memory, each as soon as it is there: a job that hangs
 * takes none of those before it along.
 */

import type { BatchSlot } from "./batch_slot.ts";
import { encode, encodeInto } from "./text.ts";

/** A reply that found no room in its batch's memory, and ended the batch. */
export interface Spill {
  /** The reply with its terminator. */
  bytes: Uint8Array;
  /** Whether it is an error reply. */
  failed: boolean;
}

/**
 * Replies up to this length, in UTF-16 code units, are copied by a loop. Measured: of 34 characters it
 * takes 120 ns, where `encodeInto` and the view that it needs take 240 ns.
 */
const SHORT_REPLY = 64;

/** The replies of one batch after the other. */
export class ReplyWriter {
  /** The reply that found no room. */
  spill: Spill | undefined;
  readonly #terminator: string;
  #slot!: BatchSlot;
  #bytes!: Uint8Array;
  #lines = 0;
  #end = 0;

  /** @param terminator What ends a reply: `\n` or `\r\n` */
  constructor(terminator: string) {
    this.#terminator = terminator;
  }

  /** The replies to come are those of the batch in this memory. */
  begin(slot: BatchSlot): void {
    this.#slot = slot;
    this.#bytes = slot.replies;
    this.#lines = 0;
    this.#end = 0;
    this.spill = undefined;
  }

  /** Adds a reply. @throws {TypeError} if it is more than one line; then nothing is added */
  add(reply: string): void {
    const end = this.#write(reply, false);
    this.#slot.finish(this.#lines++, end);
  }

  /** Adds an error reply, which is one line. */
  addError(reply: string): void {
    const end = this.#write(reply, true);
    this.#slot.fail(this.#lines++, end);
  }

  /** Adds no reply, for `undefined`. @throws {TypeError} if it is another value than that */
  addNoText(reply: unknown): void {
    if (reply !== undefined) {
      const kind = reply === null ? "null" : `a value of type ${typeof reply}`;
      throw new TypeError(`the handler returned ${kind}; it must return a string or undefined`);
    }
    this.#slot.finish(this.#lines++, this.#end);
  }

  #write(reply: string, failed: boolean): number {
    const bytes = this.#bytes;
    const room = bytes.length - this.#terminator.length - this.#end;
    if (reply.length <= SHORT_REPLY && reply.length <= room) {
      const end = writePlain(reply, bytes, this.#end);
      if (end >= 0) return this.#end = this.#terminate(end);
    }
    if (reply.includes("\n") || reply.includes("\r")) {
      throw new TypeError("the handler's reply holds a line end; a reply is one line");
    }
    if (room >= 0) {
      const end = encodeInto(reply, bytes.subarray(this.#end, this.#end + room));
      if (end >= 0) return this.#end = this.#terminate(this.#end + end);
    }
    this.spill = { bytes: encode(reply + this.#terminator), failed };
    return this.#end;
  }

  #terminate(end: number): number {
    if (this.#terminator.length === 2) this.#bytes[end++] = 13;
    this.#bytes[end++] = 10;
    return end;
  }
}

/** Copies a reply of plain characters; -1 when it holds others, among them every line end. */
function writePlain(reply: string, target: Uint8Array, at: number): number {
  const length = reply.length;
  for (let index = 0; index < length; index++) {
    const unit = reply.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return -1;
    target[at + index] = unit;
  }
  return at + length;
}
