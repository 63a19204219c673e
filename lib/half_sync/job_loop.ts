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

/** Runs batches with one handler, in the order in which they came. */
export class JobLoop {
  readonly #handler: Handler;
  readonly #context: HandlerContext;
  readonly #options: JobLoopOptions;
  readonly #replies: ReplyWriter;
  readonly #backlog: string[] = [];
  #turn = 0;
  #busy = false;
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

  /** Takes a batch: runs parted by `\n`, their lines by `\r`, as a byte string. */
  push(batch: string): void {
    this.#backlog.push(batch);
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let batch = this.#backlog.shift(); batch !== undefined; batch = this.#backlog.shift()) {
      this.#slot = this.#options.slots[this.#turn++ % this.#options.slots.length];
      this.#replies.begin(this.#slot);
      this.#ascii = isAscii(batch);
      this.#ended = false;
      const runs = batch.split("\n");
      for (let run = 0; run < runs.length && !this.#ended; run++) {
        const begun = performance.now();
        const lines = runs[run].split("\r");
        let next = this.#runLines(lines, 0);
        while (this.#promised !== undefined) { // only a handler that is not synchronous gets here
          await this.#settlePromised(this.#promised);
          next = this.#runLines(lines, next);
        }
        this.#slot.setCost(run, (performance.now() - begun) * 1000);
      }
      this.#options.done(this.#replies.spill);
    }
    this.#busy = false;
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
