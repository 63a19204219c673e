// Exercise 8. How many lines a batch takes, by what lines have cost.

/** Milliseconds of work that a batch should be. */
const BUDGET = 5;
const MOST = 50;

/** Watches what a worker's lines cost. */
export class BatchSize {
  #cost = BUDGET; // milliseconds for a line: while nothing is known, a batch is one line

  /** How many lines the next batch may have. */
  get lines(): number {
    return Math.max(1, Math.min(MOST, Math.floor(BUDGET / this.#cost)));
  }

  /** To be called after each batch: it believes bad news at once, and good news slowly. */
  ran(lines: number, milliseconds: number): void {
    const cost = milliseconds / lines;
    this.#cost = Math.max(cost, (3 * this.#cost + cost) / 4);
  }
}
