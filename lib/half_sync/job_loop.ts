/**
 * Synchronous service of Half-Sync/Half-Async: takes one batch after the other, runs its lines to their
 * end with the handler, one at a time, and leaves each reply in the batch's shared memory.
 */

import type { BatchSlot } from "./batch_slot.ts";
import { errorReply } from "./error_reply.ts";
import type { Handler, HandlerContext } from "./handler.ts";
import { ReplyWriter, type Spill } from "./reply_writer.ts";
import { decode, isAscii } from "./text.ts";

/** What a job loop is told when its worker starts. */
export interface JobLoopOptions {
  workerId: number;
  /** The shared memory of the batches, which use it in turn. */
  slots: readonly BatchSlot[];
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  /** Called when a batch has ended, with the reply that found no room. */
  done: (spill: Spill | undefined) => void;
}

/**
 * Behind a light batch the next one is often close, from a client that waited for the reply. To wake a
 * thread takes longer than such a job: measured on two cores, one client that waits for each reply gets
 * 1.1 times the lines, two get 1.2 times; where the system leaves the worker a core of its own, 1.8
 * times. In milliseconds.
 */
const AWAKE = 0.1;

/** A batch of so many lines is light. Under load the processor has better things to do than to wait. */
const LIGHT_BATCH = 4;

/** A worker that stays awake in vain lets 1, 3, 7 … batches pass before it does so again: at most 63. */
const MAX_MISSES = 6;

/** Runs batches with one handler, in the order in which they came. */
export class JobLoop {
  readonly #handler: Handler;
  readonly #context: HandlerContext;
  readonly #options: JobLoopOptions;
  readonly #replies: ReplyWriter;
  /** Batches not begun: their lines, or nothing where these are in the batch's memory. */
  readonly #backlog: (string | null)[] = [];
  #turn = 0;
  #busy = false;
  /** Batches in a row for which it stayed awake in vain; and how many more it lets pass for that. */
  #misses = 0;
  #passes = 0;
  /** Of the batch under way: its memory, whether it is ASCII only, and whether it has ended early. */
  #slot: BatchSlot;
  #ascii = true;
  #ended = false;
  /** What the handler returned for the line under way, if that is a promise. */
  #promised: PromiseLike<unknown> | undefined;

  constructor(handler: Handler, options: JobLoopOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#context = Object.freeze({ workerId: options.workerId });
    this.#slot = options.slots[0];
    this.#replies = new ReplyWriter(options.terminator);
  }

  /**
   * Takes a batch: runs parted by `\n`, their lines by `\r`, as a byte string; `null` where they are
   * in the batch's memory.
   */
  push(lines: string | null): void {
    this.#backlog.push(lines);
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    let count: number;
    do {
      this.#slot = this.#nextSlot;
      this.#turn++;
      const sent = this.#backlog.shift(); // none, if it was awake when the batch came
      const put = this.#slot.take();
      const text = put ?? sent!;
      count = 0;
      this.#replies.begin(this.#slot);
      this.#ascii = put !== undefined || isAscii(text);
      this.#ended = false;
      const runs = text.split("\n");
      for (let run = 0; run < runs.length && !this.#ended; run++) {
        const begun = performance.now();
        const lines = runs[run].split("\r");
        count += lines.length;
        let next = this.#runLines(lines, 0);
        while (this.#promised !== undefined) { // only a handler that is not synchronous gets here
          await this.#settlePromised(this.#promised);
          next = this.#runLines(lines, next);
        }
        this.#slot.setCost(run, (performance.now() - begun) * 1000);
      }
      this.#options.done(this.#replies.spill);
    } while (this.#backlog.length > 0 || (count <= LIGHT_BATCH && this.#stayAwake()));
    this.#busy = false;
  }

  /** The memory of the batch to come. */
  get #nextSlot(): BatchSlot {
    return this.#options.slots[this.#turn % this.#options.slots.length];
  }

  /** Waits for the next batch without going to sleep. @returns whether it has come */
  #stayAwake(): boolean {
    if (this.#passes-- > 0) return false;
    const come = this.#nextSlot.waitForRing(AWAKE);
    this.#misses = come ? 0 : Math.min(MAX_MISSES, this.#misses + 1);
    this.#passes = 2 ** this.#misses - 1;
    return come;
  }

  /** Runs lines from index `from` on, until one is promised or the batch ends. @returns the next index */
  #runLines(lines: string[], from: number): number {
    const slot = this.#slot;
    const replies = this.#replies;
    const handler = this.#handler;
    for (let index = from; index < lines.length; index++) {
      if (replies.spill !== undefined || !slot.claim()) {
        this.#ended = true;
        return index;
      }
      try {
        const line = this.#ascii ? lines[index] : decode(lines[index]);
        const reply: unknown = handler(line, this.#context);
        if (typeof reply === "string") {
          replies.add(reply);
        } else if (isThenable(reply)) {
          this.#promised = reply;
          return index + 1;
        } else {
          replies.addNoText(reply);
        }
      } catch (thrown) {
        replies.addError(errorReply(thrown));
      }
    }
    return lines.length;
  }

  async #settlePromised(promised: PromiseLike<unknown>): Promise<void> {
    this.#promised = undefined;
    try {
      const reply = await promised;
      if (typeof reply === "string") this.#replies.add(reply);
      else this.#replies.addNoText(reply);
    } catch (thrown) {
      this.#replies.addError(errorReply(thrown));
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
