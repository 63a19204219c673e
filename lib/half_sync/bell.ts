/**
 * Doorbell between two threads: one word of shared memory, that one side rings and the other listens
 * for without going to sleep. To wake a thread takes longer than a cheap job.
 */

/** States of the word. */
const SILENT = 0;
const AWAITED = 1;
const RUNG = 2;

/** How often a listener looks before it looks at the clock. */
const LOOKS = 20;

/** One bell, seen from either side. */
export class Bell {
  readonly #words: Int32Array;
  readonly #at: number;

  /** @param at Which of the words is the bell's; 0 to begin with */
  constructor(words: Int32Array, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** Rings. @returns whether somebody was listening; else they must be told by a message */
  ring(): boolean {
    return Atomics.exchange(this.#words, this.#at, RUNG) === AWAITED;
  }

  /** Makes it ready for the next ring. */
  silence(): void {
    Atomics.store(this.#words, this.#at, SILENT);
  }

  /** Whether somebody is listening. */
  get awaited(): boolean {
    return Atomics.load(this.#words, this.#at) === AWAITED;
  }

  /** Listens for so many milliseconds. @returns whether it rang meanwhile; before does not count */
  listen(millis: number): boolean {
    const words = this.#words;
    const at = this.#at;
    if (Atomics.compareExchange(words, at, SILENT, AWAITED) !== SILENT) return false;
    const end = performance.now() + millis;
    do {
      for (let looks = 0; looks < LOOKS; looks++) {
        if (Atomics.load(words, at) === RUNG) return true;
      }
    } while (performance.now() < end);
    return Atomics.compareExchange(words, at, AWAITED, SILENT) === RUNG;
  }
}
