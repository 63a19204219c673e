// Exercise 4. Step 8 without a chain of promises: a Resequencer that says how much it holds.

/** Passes results on in the order in which their tickets were drawn. */
export class Resequencer<T> {
  readonly #pass: (result: T) => void;
  readonly #early = new Map<number, T>(); // results that wait for one before them, by ticket
  #drawn = 0;
  #next = 0;

  constructor(pass: (result: T) => void) {
    this.#pass = pass;
  }

  /** How many results are held back. */
  get held(): number {
    return this.#early.size;
  }

  /** Draws a ticket; what it returns is to be called with the result, once. */
  ticket(): (result: T) => void {
    const ticket = this.#drawn++;
    return (result) => {
      this.#early.set(ticket, result);
      for (; this.#early.has(this.#next); this.#next++) {
        const ready = this.#early.get(this.#next)!;
        this.#early.delete(this.#next);
        this.#pass(ready);
      }
    };
  }
}
