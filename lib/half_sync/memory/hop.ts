/**
 * The hop between reactor and worker: one word each for the batches sent, the batches done, and how the
 * worker waits. A batch that lies in the memory needs no message; only a worker asleep in its event loop is
 * woken by one. If few lines are under way, the worker looks for the next batch for a moment before it parks:
 * to be woken takes longer than a cheap job.
 *
 * Each side first writes its own word, then reads the other's. So at least one of them sees that there is
 * something to do (Dekker's rule; atomics are sequentially consistent).
 */

import { now } from "./clock.ts";
import { FEW_LINES, LOOK, Patience } from "./patience.ts";

/** How a worker is. */
const RUNNING = 0;
const PARKED = 1;
const ASLEEP = 2;
const STOPPED = 3;

/** The words. */
const SENT = 0;
const DONE = 1;
const STATE = 2;
/** In KiB. */
const HEAP = 3;
/** Lines under way, over all workers, when the last batch was sent. */
const LINES = 4;
const WORDS = 5;

/** How often a worker looks for a batch between two looks at the clock. */
const LOOKS = 20;

/** Most batches under way to one worker. */
const MOST = 2;

/** One worker's hop, seen from the reactor. */
export class HopSender {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(4 * WORDS)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    Atomics.store(this.#words, STATE, ASLEEP);
  }

  /**
   * A batch is there.
   *
   * @param lines Under way over all workers
   * @returns whether the worker sleeps in its event loop and needs a message
   */
  send(lines: number): boolean {
    this.#words[LINES] = lines;
    Atomics.add(this.#words, SENT, 1);
    const state = Atomics.load(this.#words, STATE);
    if (state === PARKED) Atomics.notify(this.#words, SENT);
    return state === ASLEEP;
  }

  /** Batches that the worker has done beyond `returned`. The word starts again behind 2^31. */
  doneSince(returned: number): number {
    return (Atomics.load(this.#words, DONE) - returned) | 0;
  }

  /** How soon the worker would start a batch: 2 if its thread runs, 1 if it is parked, 0 if it sleeps. */
  get alertness(): number {
    const state = Atomics.load(this.#words, STATE);
    return state === RUNNING ? 2 : state === PARKED ? 1 : 0;
  }

  /** Whether the worker's guard has stopped it: it runs nothing any more. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STATE) === STOPPED;
  }

  /** Bytes of the worker's heap at its last look; 0 before the first. */
  get heapBytes(): number {
    return Atomics.load(this.#words, HEAP) * 1024;
  }
}

/** One worker's hop, seen from the worker. */
export class HopReceiver {
  readonly #words: Int32Array;
  readonly #bell: Bell;
  #taken: number;
  readonly #patience = new Patience(now);

  /** @param taken Batches taken before */
  constructor(memory: SharedArrayBuffer, bell: Bell, taken = 0) {
    this.#words = new Int32Array(memory);
    this.#bell = bell;
    this.#taken = taken;
  }

  /**
   * Whether a batch is there. A count that no sender writes comes from a handler: then no batch is seen,
   * lines run over their time, and the worker is replaced.
   */
  get waiting(): boolean {
    const batches = (Atomics.load(this.#words, SENT) - this.#taken) | 0;
    return batches > 0 && batches <= MOST;
  }

  /** The next batch is taken. */
  take(): void {
    this.#taken = (this.#taken + 1) | 0; // like the word, it starts again behind 2^31
  }

  /** The thread is awake, and needs no message. */
  wake(): void {
    Atomics.store(this.#words, STATE, RUNNING);
  }

  /** Blocks the thread for up to `millis` milliseconds. @returns whether a batch is there */
  park(millis: number): boolean {
    if (this.#look()) return true;
    Atomics.store(this.#words, STATE, PARKED);
    Atomics.wait(this.#words, SENT, this.#taken, millis); // returns at once when one is there
    this.wake();
    return this.waiting;
  }

  /** Looks for a batch for a moment if few lines are under way, else once. @returns whether one is there */
  #look(): boolean {
    if (this.waiting) return true;
    if (this.#words[LINES] > FEW_LINES || !this.#patience.allows(LOOK)) return false;
    const end = now() + LOOK;
    do {
      for (let looks = 0; looks < LOOKS; looks++) if (this.waiting) return true;
    } while (now() < end);
    this.#patience.spend(LOOK);
    return false;
  }

  /** The thread is about to sleep in its event loop. @returns whether it may: no batch is there */
  sleep(): boolean {
    Atomics.store(this.#words, STATE, ASLEEP);
    if (!this.waiting) return true;
    this.wake();
    return false;
  }

  /** The batch taken last is done. */
  done(): void {
    Atomics.add(this.#words, DONE, 1);
    this.#bell.ring();
  }

  /** The guard has struck: this thread runs no further line. */
  stopped(): void {
    Atomics.store(this.#words, STATE, STOPPED);
    this.#bell.ring();
  }

  /** The heap has so many bytes now. */
  heap(bytes: number): void {
    Atomics.store(this.#words, HEAP, Math.round(bytes / 1024));
  }
}

/** The reactor's bell, one word of shared memory. All workers ring it. */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Rings, and wakes the reactor if it waits. */
  ring(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }

  /** How often it has rung. */
  get count(): number {
    return Atomics.load(this.#words, 0);
  }

  /** Resolves when it has rung more than `count` times; `undefined` if it has already. */
  after(count: number): Promise<unknown> | undefined {
    const { async, value } = Atomics.waitAsync(this.#words, 0, count);
    return async ? value : undefined;
  }
}
