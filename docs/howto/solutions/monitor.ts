// Exercise 9. The book's queue: a Monitor Object, in memory that threads share.

const LOCK = 0, NOT_EMPTY = 1, NOT_FULL = 2, HEAD = 3, COUNT = 4, FIRST = 5; // words, then the items

/** A bounded queue of 32-bit numbers. `put` and `get` block their thread: no reactor may call them. */
export class MonitorQueue {
  readonly #words: Int32Array;

  /** Another thread's queue, by its memory, or a new one for so many items. */
  constructor(memory: SharedArrayBuffer | number) {
    this.#words = new Int32Array(
      typeof memory === "number" ? new SharedArrayBuffer(4 * (FIRST + memory)) : memory,
    );
  }

  get memory(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  put(item: number): void {
    const words = this.#words, capacity = words.length - FIRST;
    this.#lock();
    while (words[COUNT] === capacity) this.#wait(NOT_FULL);
    words[FIRST + (words[HEAD] + words[COUNT]++) % capacity] = item;
    this.#notify(NOT_EMPTY);
    this.#unlock();
  }

  get(): number {
    const words = this.#words, capacity = words.length - FIRST;
    this.#lock();
    while (words[COUNT] === 0) this.#wait(NOT_EMPTY);
    const item = words[FIRST + words[HEAD]];
    words[HEAD] = (words[HEAD] + 1) % capacity;
    words[COUNT]--;
    this.#notify(NOT_FULL);
    this.#unlock();
    return item;
  }

  #lock() {
    while (Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0) {
      Atomics.wait(this.#words, LOCK, 1);
    }
  }

  #unlock() {
    Atomics.store(this.#words, LOCK, 0);
    Atomics.notify(this.#words, LOCK, 1);
  }

  /** Gives back the lock, blocks until the condition is notified, and takes the lock again. */
  #wait(condition: number) {
    const seen = this.#words[condition]; // read under the lock: a notification after it changes it
    this.#unlock();
    Atomics.wait(this.#words, condition, seen);
    this.#lock();
  }

  #notify(condition: number) {
    this.#words[condition]++;
    Atomics.notify(this.#words, condition, 1);
  }
}
