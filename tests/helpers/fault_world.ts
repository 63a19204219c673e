/**
 * Test tool: a world in which workers, their ports and the clock are played by the test, so that a walk
 * through every order of events takes milliseconds, and is the same each time.
 */

import timers from "node:timers";
import { BatchSlot } from "../../lib/half_sync/memory/batch_slot.ts";
import { Bell, HopReceiver } from "../../lib/half_sync/memory/hop.ts";
import type {
  HostMessage,
  WorkerInit,
  WorkerMessage,
} from "../../lib/half_sync/memory/messages.ts";

const encoder = new TextEncoder();

/** One end of a message channel: what is posted is there at once. */
class FakePort {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  other!: FakePort;
  closed = false;

  postMessage(data: unknown): void {
    if (!this.closed && !this.other.closed) this.other.onmessage?.({ data });
  }

  close(): void {
    this.closed = true;
  }
}

class FakeChannel {
  readonly port1 = new FakePort();
  readonly port2 = new FakePort();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

/** The reactor's bell, heard in the turn in which it rings. */
class FakeBell extends Bell {
  #hear = () => {};

  override ring(): void {
    super.ring();
    this.#hear();
  }

  override after(count: number): Promise<unknown> | undefined {
    if (this.count !== count) return undefined;
    return new Promise<void>((resolve) => this.#hear = resolve);
  }
}

/** A batch on its way through a worker. */
interface FakeBatch {
  slot: BatchSlot;
  lines: string[];
  next: number;
}

/** A worker that does each step when the test says so. A line's reply is the line in angle brackets. */
export class FakeWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  /** Whether a line has been claimed and is not finished. */
  underWay = false;
  terminated = false;
  readonly #batches: FakeBatch[] = [];
  readonly #started: (line: string) => void;
  readonly #bell: Bell;
  #slots: BatchSlot[] = [];
  #hop!: HopReceiver;
  #port: FakePort | undefined;
  readonly #texts: string[] = [];
  #turn = 0;
  #end = 0;
  #asked = false;

  constructor(started: (line: string) => void, bell: Bell) {
    this.#started = started;
    this.#bell = bell;
  }

  /** Says that the handler is loaded. */
  boot(): void {
    if (!this.terminated && this.#port === undefined) {
      this.onmessage?.({ data: { hsha: "ready", exports: { dispose: false } } });
    }
  }

  /** What the host posts: the answer to `ready`. */
  postMessage(data: unknown): void {
    const init = data as WorkerInit;
    this.#slots = init.slots.map((memory) => new BatchSlot(memory));
    this.#hop = new HopReceiver(init.hop, this.#bell);
    this.#port = init.port as unknown as FakePort;
    this.#port.onmessage = (event) => this.#receive(event.data as HostMessage);
  }

  terminate(): void {
    this.terminated = true;
  }

  /** The batches that it has been sent and that are not done. */
  get batches(): readonly FakeBatch[] {
    while (this.#port !== undefined && this.#hop.waiting) {
      const slot = this.#slots[this.#turn++ % this.#slots.length];
      this.#hop.take();
      const runs = slot.read() ?? this.#texts.shift()!.split("\r");
      const texts = Array.from({ length: runs.length }, (_, run) => runs.at(run)!);
      const lines = texts.flatMap((text) => text.split("\n").slice(1)); // the first is the header
      this.#batches.push({ slot, lines, next: 0 });
    }
    return this.#batches;
  }

  /** Whether it has lines that it may start. */
  get busy(): boolean {
    return !this.terminated && this.batches.length > 0;
  }

  /** Begins the next line. @returns whether it is at a line now that it was not at before */
  claim(): boolean {
    const [batch] = this.batches;
    if (this.terminated || this.underWay || batch === undefined) return false;
    if (!batch.slot.claim()) {
      this.#done();
      return false;
    }
    this.underWay = true;
    this.#started(batch.lines[batch.next]);
    return true;
  }

  /** Ends the line it is at. @returns whether it was at one */
  finish(): boolean {
    if (!this.underWay) return false;
    this.underWay = false;
    const [batch] = this.batches;
    const bytes = encoder.encode(`<${batch.lines[batch.next]}>\n`);
    batch.slot.replies.set(bytes, this.#end);
    this.#end += bytes.length;
    batch.slot.finish(batch.next++, this.#end);
    if (this.#asked) this.#post({ type: "pong" });
    this.#asked = false;
    if (batch.next === batch.lines.length) this.#done();
    return true;
  }

  /** Its thread is awake, or not. */
  set awake(awake: boolean) {
    if (awake) this.#hop.wake();
    else this.#hop.sleep();
  }

  /** Has a heap that is larger than it may be. */
  grow(): void {
    this.#port!.postMessage({ type: "full" });
  }

  /** Ends as by an uncaught error. @returns whether it had not ended before */
  die(): boolean {
    if (this.terminated) return false;
    this.underWay = false;
    this.onerror?.({ message: "it died", preventDefault() {} });
    return true;
  }

  #receive(message: HostMessage): void {
    if (message === null) return;
    if (typeof message === "string") this.#texts.push(message);
    else if (message.type === "dispose") this.#post({ type: "disposed" });
    else if (this.underWay) this.#asked = true;
    else this.#post({ type: "pong" });
  }

  #done(): void {
    const { slot } = this.#batches.shift()!;
    slot.setCost(0, 10);
    this.#end = 0;
    this.#hop.done();
  }

  #post(message: WorkerMessage): void {
    this.#port?.postMessage(message);
  }
}

/** A timer that is due at a moment of the played time. */
interface FakeTimer {
  at: number;
  run: () => void;
}

/** Bytes of a batch's memory, at the least; what is smaller must be fresh. */
const LARGE = 100_000;

/** Memory for batches of worlds that have ended, all of one size. */
const USED_MEMORY: SharedArrayBuffer[] = [];

/** The world: while it stands, the globals of this process are its own. */
export class FakeWorld implements Disposable {
  readonly workers: FakeWorker[] = [];
  /** What workers are made of here. */
  readonly parts = {
    bell: new FakeBell(),
    channel: () => new FakeChannel() as unknown as MessageChannel,
    worker: () => {
      const worker = new FakeWorker((line) => this.#begin(line), this.parts.bell);
      this.workers.push(worker);
      return worker as unknown as Worker;
    },
  };
  /** How often each line has been started. */
  readonly started = new Map<string, number>();
  #now = 1000;
  #immediates = new Map<number, () => void>();
  readonly #timers = new Map<number, FakeTimer>();
  readonly #restore: () => void;
  #lastTimer = 0;

  constructor() {
    const { setTimeout, clearTimeout, SharedArrayBuffer } = globalThis;
    const memories: SharedArrayBuffer[] = [];
    const now = performance.now;
    Object.assign(globalThis, {
      // What a world leaves behind is used again: fresh memory takes longer than a whole walk.
      SharedArrayBuffer: function (size: number) {
        if (size < LARGE) return new SharedArrayBuffer(size);
        const memory = USED_MEMORY.pop() ?? new SharedArrayBuffer(size);
        memories.push(memory);
        return memory;
      },
      setTimeout: (run: () => void, millis = 0) => {
        this.#timers.set(++this.#lastTimer, { at: this.#now + millis, run });
        return this.#lastTimer;
      },
      clearTimeout: (timer: number) => void this.#timers.delete(timer),
    });
    const { setImmediate, clearImmediate } = timers;
    Object.assign(timers, {
      setImmediate: (run: () => void) => {
        this.#immediates.set(++this.#lastTimer, run);
        return this.#lastTimer;
      },
      clearImmediate: (immediate: number) => void this.#immediates.delete(immediate),
    });
    performance.now = () => this.#now;
    this.#restore = () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, SharedArrayBuffer });
      Object.assign(timers, { setImmediate, clearImmediate });
      USED_MEMORY.push(...memories);
      performance.now = now;
    };
  }

  #begin(line: string): void {
    this.started.set(line, (this.started.get(line) ?? 0) + 1);
  }

  /** Lets so many milliseconds go by: every timer that is due runs at its time. */
  async pass(millis: number): Promise<void> {
    const end = this.#now + millis;
    for (;;) {
      let next: [number, FakeTimer] | undefined;
      for (const each of this.#timers) {
        if (each[1].at <= end && (next === undefined || each[1].at < next[1].at)) next = each;
      }
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].run();
      await this.turn();
    }
    this.#now = end;
  }

  /** The thread stands still for so many milliseconds: no timer runs, however late it is. */
  standStill(millis: number): void {
    this.#now += millis;
  }

  /** A turn of the event loop: promises settle, immediates and due timers run, and new workers get ready. */
  async turn(): Promise<void> {
    for (let count = 0; count < 4; count++) await undefined;
    const immediates = [...this.#immediates.values()];
    this.#immediates.clear();
    for (const run of immediates) run();
    for (const [timer, { at, run }] of [...this.#timers]) {
      if (at <= this.#now && this.#timers.delete(timer)) run();
    }
    for (let count = 0; count < 4; count++) await undefined;
    for (const worker of this.workers) worker.boot();
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}
