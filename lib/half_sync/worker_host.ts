/**
 * Wrapper Facade of one Web Worker, on the reactor's side: boots it inside its box, sends batches to it,
 * and passes on what comes back.
 */

import { withoutLink } from "../handler_file.ts";
import { Batch, type BatchTraits, type JobRun } from "./batch.ts";
import { BatchSlot } from "./batch_slot.ts";
import { entryModule, type HandlerPermissions } from "./box.ts";
import { Lookout } from "./lookout.ts";
import type { Spill } from "./reply_writer.ts";
import type { BootMessage, HostMessage, WorkerInit, WorkerMessage } from "./worker.ts";

/** What every worker of a pool is started with. */
export interface WorkerOptions {
  /** Module of the handler. */
  handler: URL;
  /** What the handler may do on the machine. */
  permissions: HandlerPermissions;
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  /** Seconds until a worker must be ready. */
  bootTimeout: number;
}

/** Told of what happens to a worker. */
export interface WorkerListener {
  /** It is ready, or a batch has come back, or it is heard of again: there is room for a batch. */
  freed(worker: WorkerHost): void;
  /** The worker has ended by itself, or failed to start. */
  died(worker: WorkerHost, reason: string): void;
  /** The handler threw outside of any job. */
  strayed(worker: WorkerHost, reason: string): void;
}

/** Batches a worker may hold: the one it is at, and one to go on with. */
const SLOTS = 2;

/** One Web Worker and the batches it holds. */
export class WorkerHost {
  /** 1…N; a worker that replaces another has the same. */
  readonly id: number;
  /** When its first batch became the first, by `performance.now()`. */
  busySince = 0;
  /** When the line under way was first seen, by `performance.now()`; kept by the watchdog. */
  seenAt = 0;
  /** Lines of the first batch that were started when the watchdog last looked. */
  seenStarted = 0;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  /** The worker's end of the port, until it is sent there. */
  readonly #farPort: MessagePort;
  readonly #slots = Array.from({ length: SLOTS }, () => new BatchSlot());
  readonly #batches: Batch[] = [];
  readonly #lookout = new Lookout(() => this.#finish());
  readonly #listener: WorkerListener;
  readonly #bootTimer: ReturnType<typeof setTimeout>;
  #turn = 0;
  #ready = false;
  /** Nothing is sent to it any more; and it has been told to end. */
  #ended = false;
  #terminated = false;
  #pong: (() => void) | undefined;

  constructor(id: number, options: WorkerOptions, listener: WorkerListener) {
    this.id = id;
    this.#listener = listener;
    this.#worker = new Worker(entryModule(withoutLink(options.handler)), {
      type: "module",
      name: `hsha worker ${id}`,
      deno: { permissions: { ...NOTHING, ...options.permissions } },
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#farPort = port2;
    this.#port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data);
    this.#worker.onmessage = ({ data }: MessageEvent<BootMessage>) => {
      if (this.#ready || this.#ended) return; // whatever else a handler posts is not for us
      if (data?.hsha === "unfit") this.#die(data.reason);
      if (data?.hsha !== "ready") return;
      clearTimeout(this.#bootTimer);
      this.#ready = true;
      const init: WorkerInit = {
        workerId: id,
        port: port2,
        memory: this.#slots.map((slot) => slot.memory),
        terminator: options.terminator,
      };
      this.#worker.postMessage(init, [port2]);
      listener.freed(this);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // Once it has served lines, its last words may quote one, and are for no log.
      this.#die(this.#ready ? "an uncaught error ended it" : event.message.split("\n")[0]);
    };
    this.#bootTimer = setTimeout(
      () => this.#die(`it was not ready within ${options.bootTimeout} seconds`),
      options.bootTimeout * 1000,
    );
  }

  /** Whether the worker has loaded its handler. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The batches it holds, the one under way first. */
  get batches(): readonly Batch[] {
    return this.#batches;
  }

  /** Whether it may be sent another batch. */
  get hasRoom(): boolean {
    return this.#ready && !this.#ended && this.#batches.length < SLOTS;
  }

  /** Whether it is awake and waits for a batch: then it is told of one without a message. */
  get awake(): boolean {
    return this.#slots[this.#turn % SLOTS].sent.awaited;
  }

  /** Estimated cost of the batches it holds, in microseconds. */
  get load(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.cost, 0);
  }

  /** Sends runs of lines as one batch. */
  send(runs: JobRun[], traits: BatchTraits): void {
    const slot = this.#slots[this.#turn++ % SLOTS];
    const batch = new Batch(runs, slot, traits);
    if (this.#batches.push(batch) === 1) {
      this.#resetWatch();
      if (traits.lookOut) this.#lookout.begin(slot.done, traits.cost);
    }
    batch.send((lines) => this.#port.postMessage(lines satisfies HostMessage));
  }

  /** Takes back the lines that wait. */
  revoke(): void {
    // The last batch first: what is taken back goes to the front of its queue.
    for (const batch of this.#batches.toReversed()) if (batch.waiting) batch.revoke();
  }

  /** Answers the line under way with `reply`, takes back the others, and lets go of all. */
  abort(reply: Uint8Array): void {
    this.#lookout.end();
    const micros = (performance.now() - this.seenAt) * 1000;
    for (const batch of this.#batches.splice(0).reverse()) batch.abort(reply, micros);
    this.#ended = true;
  }

  /** Whether the worker, given `millis` milliseconds, still hears: then it waits, and is not stuck. */
  hears(millis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pong = () => this.#listener.freed(this); // late, but it hears: it can be ended
        resolve(false);
      }, millis);
      this.#pong = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#port.postMessage({ type: "ping" } satisfies HostMessage);
    });
  }

  /** Ends the worker, as far as Deno can: a synchronous loop goes on until the process ends. */
  terminate(): void {
    this.#terminated = this.#ended = true;
    clearTimeout(this.#bootTimer);
    this.#lookout.end();
    this.#port.close();
    if (!this.#ready) this.#farPort.close();
    this.#worker.terminate();
  }

  #receive(message: WorkerMessage): void {
    // A handler that has got hold of the port may send anything.
    if (message === null) return this.#done();
    switch (message.type) {
      case "pong":
        return this.#pong?.();
      case "stray":
        return this.#listener.strayed(this, message.reason);
      case "spilled":
        if (message.spill?.bytes instanceof Uint8Array) this.#done(message.spill);
    }
  }

  #done(spill?: Spill): void {
    if (this.#lookout.end()) this.#finish(); // it rang before the next batch's message
    if (spill === undefined && this.#batches[0]?.ended === false) return; // not the worker's word
    this.#finish(spill);
  }

  #finish(spill?: Spill): void {
    const batch = this.#batches.shift();
    this.#resetWatch();
    batch?.finish(spill);
    this.#listener.freed(this);
  }

  #resetWatch(): void {
    this.busySince = this.seenAt = performance.now();
    this.seenStarted = 0;
  }

  #die(reason: string): void {
    if (this.#terminated) return;
    this.terminate();
    this.#listener.died(this, reason);
  }
}

/** No permission at all; what is granted goes over it. */
const NOTHING = {
  read: false,
  write: false,
  net: false,
  env: false,
  run: false,
  sys: false,
  ffi: false,
  import: false,
};
