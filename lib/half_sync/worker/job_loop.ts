/**
 * Synchronous service of Half-Sync/Half-Async: takes batch after batch, runs its lines with the handler one
 * at a time, and leaves each reply in the batch's shared memory.
 *
 * It works in spells. Within a spell the thread only runs batches, or waits for one in `Atomics.wait`; a
 * guard ends the spell if a job does not end. Between two spells the thread goes through its event loop: a
 * handler's timers and promises have their turn, and the thread sleeps if there is nothing to do.
 */

import timers from "node:timers";
import type { BatchSlot, RunTexts } from "../memory/batch_slot.ts";
import type { HopReceiver } from "../memory/hop.ts";
import type { JobSettings, Spill } from "../memory/messages.ts";
import { RunHeader } from "../memory/run_header.ts";
import { decode } from "../memory/text.ts";
import { now } from "../memory/clock.ts";
import type { ContextFactory } from "./context.ts";
import { errorReply } from "./error_reply.ts";
import type { FaultReport } from "./fault_report.ts";
import { Guard } from "./guard.ts";
import type { HandlerModule } from "../handler.ts";
import { ReplyWriter } from "./reply_writer.ts";
import { SpellClock } from "./spell_clock.ts";
import { tuned } from "../../tuning.ts";

/** What a job loop is told when its worker starts. */
export interface JobLoopOptions {
  contexts: ContextFactory;
  hop: HopReceiver;
  /** The shared memory of the batches; they use it in turn. */
  slots: readonly BatchSlot[];
  settings: JobSettings;
  /** Told of whatever the handler throws. */
  faults: FaultReport;
  /** Posts a reply that found no room in the memory. */
  post: (spill: Spill) => void;
  /** Called after each spell. */
  rest: () => void;
}

/** Milliseconds parked for the next batch: with fewer, batches need messages; with more, timers are late. */
const PARK = tuned("park", 20);

/** A spell ends after so many batches, too. With more, a handler's promises wait longer. */
const SPELL_BATCHES = 64;

/**
 * How much longer than a job a spell may last, in milliseconds. With too little, a job that begins late in
 * its spell is stopped too early; with more than a second, a job that hangs keeps its core for so long.
 */
const MARGIN = 800;

const NO_HEADER = new RunHeader("lines");

// Kept from before a handler could replace it.
const { setImmediate } = timers;

/** Runs batches with one handler, in the order in which they came. */
export class JobLoop {
  readonly #module: HandlerModule;
  readonly #contexts: ContextFactory;
  readonly #options: JobLoopOptions;
  readonly #hop: HopReceiver;
  readonly #guard: Guard;
  readonly #replies: ReplyWriter;
  /** Batches that came as messages and have not begun. */
  readonly #texts: string[] = [];
  #awake = false;
  /** Resolves when it is no longer awake. */
  #serving: Promise<void> | undefined;
  #turn = 0;
  /** The batch under way: its memory, and its runs. */
  #slot: BatchSlot | undefined;
  #ascii = true;
  #runs: RunTexts = [];
  #run = 0;
  /** The current run's lines; the first is its header. */
  #lines: string[] | undefined;
  #header = NO_HEADER;
  #line = 1;
  #begun = 0;
  readonly #clock = new SpellClock();
  /** The promise that the handler returned for the line under way, if it did. */
  #promised: PromiseLike<unknown> | undefined;
  readonly #spell = () => this.#runSpell();

  constructor(module: HandlerModule, options: JobLoopOptions) {
    this.#module = module;
    this.#options = options;
    this.#hop = options.hop;
    this.#contexts = options.contexts;
    const { terminator, jobTimeout, maxReply } = options.settings;
    this.#guard = new Guard(jobTimeout && jobTimeout * 1000 + MARGIN);
    this.#replies = new ReplyWriter(terminator, maxReply);
  }

  /** Takes the lines of a batch that does not fit into its memory. */
  push(text: string): void {
    this.#texts.push(text);
    this.wake();
  }

  /** Runs whatever batches are there. */
  wake(): void {
    if (!this.#awake) this.#serving = this.#serve();
  }

  /** Resolves when it has run all batches that were there. */
  async end(): Promise<void> {
    await this.#serving;
  }

  async #serve(): Promise<void> {
    this.#awake = true;
    this.#hop.wake();
    do {
      if (!this.#guard.run(this.#spell)) return this.#hop.stopped();
      if (this.#promised !== undefined) await this.#settlePromised(this.#promised);
      else await this.#rest();
      this.#options.rest();
    } while (this.#slot !== undefined || !this.#hop.sleep());
    this.#awake = false;
  }

  /** Lets the thread go through its event loop; a handler's timer may end the thread there. */
  async #rest(): Promise<void> {
    const slot = this.#replies.spill === undefined ? this.#slot : undefined;
    slot?.rest(true);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    slot?.rest(false);
  }

  /** One spell: until nothing has come for a while, its time is up, or a job returns a promise. */
  #runSpell(): void {
    this.#clock.begin();
    for (let batches = 0; batches < SPELL_BATCHES; batches++) {
      if (this.#slot === undefined && !this.#begin()) return;
      if (!this.#runBatch(this.#slot!)) return;
    }
  }

  /** Waits for the next batch and takes it. @returns whether it has one */
  #begin(): boolean {
    if (!this.#hop.park(PARK)) return false;
    const { slots } = this.#options;
    const slot = slots[this.#turn % slots.length];
    const runs = slot.read() ?? this.#texts.shift()?.split("\r");
    if (runs === undefined) return false; // its lines are on their way, as a message
    this.#hop.take();
    this.#turn++;
    this.#slot = slot;
    this.#ascii = slot.ascii;
    this.#runs = runs;
    this.#run = 0;
    this.#replies.begin(slot);
    slot.begin(this.#begun = now());
    return true;
  }

  /** Goes on with the batch under way. @returns whether it has ended within this spell */
  #runBatch(slot: BatchSlot): boolean {
    for (let ended = false; this.#run < this.#runs.length && !ended;) {
      if (this.#clock.isOverAt(this.#begun)) return false;
      ended = this.#runLines(slot, this.#lines ?? this.#nextLines());
      if (this.#promised !== undefined || !ended && this.#line < this.#lines!.length) return false;
      const end = now();
      slot.setCost(this.#run++, (end - this.#begun) * 1000);
      this.#begun = end;
      this.#lines = undefined;
      this.#header = NO_HEADER; // it is a part of the run's text, and would keep all of it
    }
    this.#slot = undefined;
    this.#runs = [];
    const { spill } = this.#replies;
    if (spill !== undefined) {
      this.#options.post(spill);
      slot.spill();
    }
    this.#hop.done();
    return true;
  }

  #nextLines(): string[] {
    const lines = this.#lines = this.#runs.at(this.#run)!.split("\n");
    this.#contexts.ending = false;
    this.#header = new RunHeader(lines[0]);
    this.#line = 1;
    this.#clock.beginRun(this.#begun);
    return lines;
  }

  /** Runs lines of a run, as far as this spell goes. @returns whether the batch ends here */
  #runLines(slot: BatchSlot, lines: string[]): boolean {
    const replies = this.#replies;
    const contexts = this.#contexts;
    const { default: handler } = this.#module;
    const header = this.#header;
    while (this.#line < lines.length) {
      if (replies.spill !== undefined || !slot.claim()) return true;
      const bytes = lines[this.#line++];
      if (contexts.ending) { // a line behind the end of its connection is not run
        replies.add(undefined, false);
        continue;
      }
      const context = contexts.next(header);
      try {
        const reply: unknown = header.kind === "lines"
          ? handler(this.#ascii ? bytes : decode(bytes), context)
          : this.#module[header.kind]?.(context);
        if (typeof reply === "object" && isThenable(reply)) {
          this.#promised = reply;
          return false;
        }
        this.#addReply(reply);
      } catch (thrown) {
        this.#addError(thrown);
      }
      contexts.done(header);
      if (this.#line < lines.length && this.#clock.isOver(this.#line)) return false;
    }
    return false;
  }

  /** Adds a reply; what `close` returns is none. */
  #addReply(reply: unknown): void {
    this.#replies.add(this.#header.kind === "close" ? undefined : reply, this.#contexts.ending);
  }

  #addError(thrown: unknown): void {
    this.#options.faults.note(thrown);
    this.#replies.addError(errorReply(thrown), this.#contexts.ending);
  }

  async #settlePromised(promised: PromiseLike<unknown>): Promise<void> {
    try {
      this.#addReply(await promised);
    } catch (thrown) {
      this.#addError(thrown);
    }
    this.#promised = undefined;
    this.#contexts.done(this.#header);
  }
}

function isThenable(value: object | null): value is PromiseLike<unknown> {
  return value !== null && "then" in value && typeof value.then === "function";
}
