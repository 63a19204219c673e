/**
 * Wrapper Facade of one Web Worker, on the reactor's side: boots it inside its box, sends batches to it,
 * and passes on what comes back.
 */

import { reason } from "../../reason.ts";
import type { Executor, Portion } from "../../queueing/executor.ts";
import { BatchSlot } from "../memory/batch_slot.ts";
import { HopSender } from "../memory/hop.ts";
import type {
  BootMessage,
  HostMessage,
  JobSettings,
  Spill,
  WorkerInit,
  WorkerMessage,
} from "../memory/messages.ts";
import { isThrownFault } from "../worker/fault_report.ts";
import { Batch, type BatchWorker } from "./batch.ts";
import { BootTimer } from "./boot_timer.ts";
import { startInBox, type WorkerOptions } from "./box.ts";
import { Farewell } from "./farewell.ts";
import { LineWatch } from "./line_watch.ts";
import { WorkerAccount } from "./worker_account.ts";
import { WorkerClock } from "./worker_clock.ts";
import type { ListenerTo } from "./worker_listener.ts";
import type { WorkerState } from "./worker_state.ts";
import { tuned } from "../../tuning.ts";

/** What hears of a worker. */
export type WorkerListener = ListenerTo<WorkerHost>;

/**
 * Most batches of a worker: the one it is at, and the next. With one, it waits for the reactor in between;
 * with more, lines wait behind its slow jobs.
 */
const SLOTS = tuned("slots", 2);

const encoder = new TextEncoder();

/** One Web Worker and the batches it holds. */
export class WorkerHost implements Executor, BatchWorker {
  readonly id: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  /** The worker's end of the port, until it is sent there. */
  readonly #farPort: MessagePort;
  readonly #hop = new HopSender();
  readonly #slots = Array.from({ length: SLOTS }, () => new BatchSlot());
  readonly #batches: Batch[] = [];
  readonly #listener: WorkerListener;
  readonly #boot: BootTimer;
  #state: WorkerState = "booting";
  #terminator = "\n";
  /** Batches sent, and how many of them have come back. */
  #sent = 0;
  #returned = 0;
  /** Replies that came as messages, of batches not yet seen as done. */
  readonly #spills: Spill[] = [];
  /** Watches the line under way. */
  readonly watch = new LineWatch();
  readonly #farewell = new Farewell();
  readonly clock = new WorkerClock();
  readonly account: WorkerAccount;
  readonly #post = (message: HostMessage) => this.#port.postMessage(message);

  /** @throws {Error} if the system has no thread for it */
  constructor(id: number, options: WorkerOptions, listener: WorkerListener) {
    this.id = id;
    this.account = options.accounts?.of(id) ?? new WorkerAccount();
    this.#listener = listener;
    this.#worker = startInBox(id, options);
    const { port1, port2 } = options.channel?.() ?? new MessageChannel();
    this.#port = port1;
    this.#farPort = port2;
    this.#port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data);
    this.#worker.onmessage = ({ data }: MessageEvent<BootMessage>) => this.#booted(data, options);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // Once it has served lines, its last words may quote one: they must not be logged.
      const booting = this.#state === "booting";
      this.#die(booting ? event.message.split("\n")[0] : "an uncaught error ended it");
    };
    this.#boot = new BootTimer(options.bootTimeout, (reason) => this.#die(reason));
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Estimated cost of the batches it holds, in microseconds. */
  get load(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.cost, 0);
  }

  /** Lines that it holds. */
  get inFlight(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.unanswered, 0);
  }

  /** Bytes of its heap; 0 before the first look. */
  get heapBytes(): number {
    return this.#hop.heapBytes;
  }

  /** Whether it may be sent another batch. */
  get hasRoom(): boolean {
    const takes = this.#state === "ready" || this.#state === "retiring" && !this.#farewell.said;
    return takes && this.#batches.length < SLOTS;
  }

  /** Whether it holds no batch. */
  get idle(): boolean {
    return this.#batches.length === 0;
  }

  /** How the worker is; see {@linkcode HopSender}. */
  get alertness(): number {
    return this.#hop.alertness;
  }
  get stopped(): boolean {
    return this.#hop.stopped;
  }

  send(portion: Portion): void {
    const at = this.idle ? this.watch.restart() : undefined;
    const batch = new Batch(portion, this.#slots[this.#sent++ % SLOTS], { worker: this, at });
    this.#batches.push(batch);
    this.#listener.begun(this, portion);
    const text = batch.fill();
    if (text !== undefined) this.#post(text);
    if (this.#hop.send(portion.unanswered)) this.#post(null); // it may be asleep again behind the text
  }

  /** Takes what has come back: finished batches, or the word that its guard has stopped it. */
  collect(): void {
    if (this.#state === "gone") return;
    const done = Math.min(this.#hop.doneSince(this.#returned), this.#batches.length);
    let finished = 0;
    for (; finished < done; finished++) {
      const [batch] = this.#batches;
      const spill = batch.spilled ? this.#spills.shift() : undefined;
      if (batch.spilled && spill === undefined) break; // its last reply is on its way
      this.#returned++;
      this.#batches.shift();
      batch.finish(this.watch.restart(), spill);
    }
    if (finished > 0) this.#listener.freed(this);
    if (this.#hop.stopped) this.#listener.heard(this);
  }

  /** Looks at the batch under way, and passes on finished replies; see {@linkcode LineWatch.look}. */
  look(now: number, late: number): void {
    const [batch] = this.#batches;
    this.watch.look(batch.started, now, late);
    batch.harvest();
  }

  /** Takes back lines that wait behind the one under way. @returns whether there were any */
  revoke(now: number): boolean {
    const waiting = this.#batches.filter((batch, index) => batch.waiting(index === 0));
    if (waiting.length === 0) return false;
    this.#batches[0].stalled(this.watch.lineAge(now) * 1000);
    // The last batch first: what is taken back goes to the front of its queue.
    for (const batch of waiting.reverse()) batch.revoke();
    return true;
  }

  /** Answers the line under way with an error reply, and lets go of the others; it gets nothing any more. */
  abort(sentence: string): void {
    const reply = encoder.encode(`ERR ${sentence}${this.#terminator}`);
    if (this.#state !== "gone") this.#state = "late";
    const micros = this.watch.lineAge(performance.now()) * 1000;
    for (const batch of this.#batches.splice(0).reverse()) batch.abort(reply, micros);
  }

  /** It finishes what it holds, and gets nothing any more. */
  retire(): void {
    if (this.#state === "ready") this.#state = "retiring";
  }

  /** Asks whether it is in its event loop; the answer is heard. */
  ask(): void {
    this.#post({ type: "ping" });
  }

  /** Lets its handler dispose of what it has. Resolves when it has, or `seconds` later. */
  async dispose(seconds: number): Promise<void> {
    if (this.#state !== "ready" && this.#state !== "retiring") return;
    this.#state = "retiring";
    await this.#farewell.say(() => this.#post({ type: "dispose" }), seconds);
  }

  /** Ends the worker, as far as Deno can: a loop that no guard has stopped goes on. */
  terminate(): void {
    const booting = this.#state === "booting";
    this.#state = "gone";
    this.#boot.end();
    this.#port.close();
    if (booting) this.#farPort.close();
    this.#worker.terminate();
    this.#farewell.end();
  }

  #booted(message: BootMessage, options: WorkerOptions): void {
    if (this.#state !== "booting") return; // whatever else a handler posts is not for us
    if (message?.hsha === "unfit") this.#die(message.reason);
    if (message?.hsha !== "ready") return;
    const { bell: { memory: bell }, beat, settle } = options;
    let settings: JobSettings;
    try {
      settings = settle(message.exports);
    } catch (error) {
      return this.#die(reason(error));
    }
    this.account.bootSeconds = this.#boot.end();
    this.#state = "ready";
    this.#terminator = settings.terminator;
    const slots = this.#slots.map(({ memory }) => memory);
    const [port, hop] = [this.#farPort, this.#hop.memory];
    const init: WorkerInit = { port, slots, hop, bell, beat: beat?.memory, settings };
    this.#worker.postMessage(init, [this.#farPort]);
    this.#listener.booted(this);
  }

  #receive(message: WorkerMessage): void {
    // A handler that has got hold of the port may send anything.
    switch (message?.type) {
      case "spilled":
        if (!(message.spill?.bytes instanceof Uint8Array)) return;
        if (this.#batches.length > this.#spills.length) this.#spills.push(message.spill);
        return this.collect();
      case "pong":
        return this.#listener.heard(this);
      case "full":
        return this.#listener.grown(this);
      case "disposed":
        return this.#farewell.end();
      case "fault":
        if (!isThrownFault(message.fault)) return;
        return this.#listener.faulted(this, message.fault, message.stray === true);
    }
  }

  #die(reason: string): void {
    if (this.#state === "gone") return;
    this.terminate();
    this.#listener.died(this, reason);
  }
}
