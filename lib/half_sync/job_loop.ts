/**
 * Synchronous service of Half-Sync/Half-Async: takes one batch after the other, runs its lines to their
 * end with the handler, one at a time, and leaves each reply in the batch's shared memory.
 */

import type { BatchSlot } from "./batch_slot.ts";
import { now } from "./clock.ts";
import { errorReply } from "./error_reply.ts";
import type { FaultReport } from "./fault_report.ts";
import type { Handler, HandlerContext } from "./handler.ts";
import { Patience } from "./patience.ts";
import { ReplyWriter, type Spill } from "./reply_writer.ts";
import { decode, isAscii } from "./text.ts";

/** What a job loop is told when its worker starts. */
export interface JobLoopOptions {
  workerId: number;
  /** The shared memory of the batches, which use it in turn. */
  slots: readonly BatchSlot[];
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  /** Told of whatever the handler throws. */
  faults: FaultReport;
  /** Called when a batch has ended and no bell has told of it, with the reply that found no room. */
  done: (spill: Spill | undefined) => void;
}

/** How long a worker listens for the next batch behind a light one, in milliseconds. */
const AWAKE = 0.2;

/** Batches in a row after which it sleeps all the same: a handler's timers and promises want their turn. */
const MAX_AWAKE = 64;

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
  readonly #patience = new Patience();
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
   * Takes a batch: runs parted by `\r`, their lines by `\n`, as a byte string; `null` where they are
   * in the batch's memory.
   */
  push(lines: string | null): void {
    this.#backlog.push(lines);
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    let light: boolean;
    let batches = 0;
    do {
      batches++;
      this.#slot = this.#nextSlot;
      this.#turn++;
      const sent = this.#backlog.shift(); // none, if it was awake when the batch came
      const put = this.#slot.take();
      light = this.#slot.light;
      const text = put ?? sent!;
      this.#replies.begin(this.#slot);
      this.#ascii = put !== undefined || isAscii(text);
      this.#ended = false;
      const runs = text.split("\r");
      for (let run = 0; run < runs.length && !this.#ended; run++) {
        const begun = now();
        const lines = runs[run].split("\n");
        let next = this.#runLines(lines, 0);
        while (this.#promised !== undefined) { // only a handler that is not synchronous gets here
          await this.#settlePromised(this.#promised);
          next = this.#runLines(lines, next);
        }
        this.#slot.setCost(run, (now() - begun) * 1000);
      }
      this.#tell(this.#replies.spill);
    } while (this.#backlog.length > 0 || (light && batches < MAX_AWAKE && this.#stayAwake()));
    this.#busy = false;
  }

  /** The memory of the batch to come. */
  get #nextSlot(): BatchSlot {
    return this.#options.slots[this.#turn % this.#options.slots.length];
  }

  /** Tells of a batch's end: by the bell, if the reactor looks for it and needs to know no more. */
  #tell(spill: Spill | undefined): void {
    if (spill !== undefined || !this.#slot.done.ring()) this.#options.done(spill);
  }

  /** Listens for the next batch without going to sleep. @returns whether its lines are in the memory */
  #stayAwake(): boolean {
    const slot = this.#nextSlot;
    if (!this.#patience.allows(AWAKE)) return false;
    if (slot.sent.listen(AWAKE)) return slot.filled;
    this.#patience.spend(AWAKE);
    return false;
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
        this.#options.faults.note(thrown);
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
      this.#options.faults.note(thrown);
      this.#replies.addError(errorReply(thrown));
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
