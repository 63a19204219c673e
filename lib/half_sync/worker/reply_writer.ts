/**
 * Writes the replies of a batch into its shared memory, each as soon as it is there: a job that hangs does
 * not take earlier replies with it.
 */

import type { BatchSlot } from "../memory/batch_slot.ts";
import type { Spill } from "../memory/messages.ts";
import { encode, encodeInto } from "../memory/text.ts";
import { tuned } from "../../tuning.ts";

/**
 * Replies up to this length, in UTF-16 code units, are copied by a loop: for short ones it takes half as long
 * as `encodeInto` and the view that it needs. For long ones the loop is slower.
 */
const SHORT_REPLY = tuned("shortReply", 64);

/** What a reply is. */
interface ReplyTraits {
  /** Whether it is one line; if not, it is the checked lines of an array. */
  isLine: boolean;
  failed: boolean;
  ends: boolean;
}

/** Writes the replies of one batch after the other. */
export class ReplyWriter {
  /** The reply that found no room. */
  spill: Spill | undefined;
  readonly #terminator: string;
  readonly #most: number;
  #slot!: BatchSlot;
  #bytes!: Uint8Array;
  #lines = 0;
  #end = 0;

  /**
   * @param terminator What ends a reply: `\n` or `\r\n`
   * @param most Longest reply, in bytes without its terminator
   */
  constructor(terminator: string, most: number) {
    this.#terminator = terminator;
    this.#most = most;
  }

  /** From now on replies are those of the batch in this memory. */
  begin(slot: BatchSlot): void {
    this.#slot = slot;
    this.#bytes = slot.replies;
    this.#lines = 0;
    this.#end = 0;
    this.spill = undefined;
  }

  /**
   * Adds what a handler has returned.
   *
   * @param ends Whether the job has ended its connection
   * @throws {TypeError} if it is no reply; then nothing is added
   * @throws {RangeError} if it is longer than a reply may be; then nothing is added
   */
  add(reply: unknown, ends: boolean): void {
    const text = typeof reply === "string" ? reply : this.#join(reply);
    const isLine = typeof reply === "string";
    const end = text === undefined ? this.#end : this.#write(text, { isLine, failed: false, ends });
    this.#finish(end, false, ends);
  }

  /** Adds an error reply, which is one line. */
  addError(reply: string, ends: boolean): void {
    this.#finish(this.#write(reply, { isLine: true, failed: true, ends }), true, ends);
  }

  #finish(end: number, failed: boolean, ends: boolean): void {
    const index = this.#lines++;
    this.#end = end;
    this.#slot.finish(index, end);
    if (failed || ends) this.#slot.mark(index, { failed, ends });
  }

  /** The text of a reply of many lines, without the last terminator; `undefined` for no line. */
  #join(reply: unknown): string | undefined {
    if (reply === undefined) return undefined;
    if (!Array.isArray(reply)) {
      const kind = reply === null ? "null" : `a value of type ${typeof reply}`;
      throw new TypeError(
        `the handler returned ${kind}; it must return a string, an array of strings or undefined`,
      );
    }
    for (const line of reply) {
      if (typeof line === "string") {
        if (!holdsLineEnd(line)) continue;
        throw new TypeError("a line of the handler's reply holds a line end");
      }
      const kind = line === null ? "null" : `a value of type ${typeof line}`;
      throw new TypeError(`the handler's reply holds ${kind} among its lines`);
    }
    return reply.length === 0 ? undefined : reply.join(this.#terminator);
  }

  /** Writes a text and a terminator behind the last reply. @returns where they end */
  #write(text: string, { isLine, failed, ends }: ReplyTraits): number {
    const bytes = this.#bytes;
    const most = failed ? Infinity : this.#most;
    const room = bytes.length - this.#terminator.length - this.#end;
    if (text.length <= SHORT_REPLY && text.length <= Math.min(room, most)) {
      const end = writePlain(text, bytes, this.#end);
      if (end >= 0) return this.#terminate(end);
    }
    if (isLine && holdsLineEnd(text)) {
      throw new TypeError("the handler's reply holds a line end; a reply is one line");
    }
    if (room >= 0 && text.length <= room) {
      const length = encodeInto(text, bytes.subarray(this.#end, this.#end + room));
      if (length > most) throw this.#tooLong();
      if (length >= 0) return this.#terminate(this.#end + length);
    }
    if (text.length > most) throw this.#tooLong(); // before it is copied
    const spilled = encode(text + this.#terminator);
    if (spilled.length - this.#terminator.length > most) throw this.#tooLong();
    this.spill = { bytes: spilled, failed, ends };
    return this.#end;
  }

  #tooLong(): RangeError {
    return new RangeError(`the reply is longer than the limit of ${this.#most} bytes`);
  }

  #terminate(end: number): number {
    if (this.#terminator.length === 2) this.#bytes[end++] = 13;
    this.#bytes[end++] = 10;
    return end;
  }
}

function holdsLineEnd(text: string): boolean {
  return text.includes("\n") || text.includes("\r");
}

/** Copies a reply of plain characters. @returns its end; -1 if it holds others, such as a line end */
function writePlain(reply: string, target: Uint8Array, at: number): number {
  const length = reply.length;
  for (let index = 0; index < length; index++) {
    const unit = reply.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return -1;
    target[at + index] = unit;
  }
  return at + length;
}
