/**
 * The clock of what is hot: it is read once a turn of the event loop, and says the same to all that ask in
 * that turn. A reading takes 0.1 µs, and a turn may bring a hundred lines.
 */
export class TurnClock {
  #now: number | undefined;
  readonly #forget = () => {
    this.#now = undefined;
  };

  /** Milliseconds, by `performance.now()`. */
  now(): number {
    if (this.#now === undefined) {
      this.#now = performance.now();
      queueMicrotask(this.#forget); // behind whatever else this turn has brought
    }
    return this.#now;
  }
}
