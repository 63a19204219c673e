// Exercise 5. The places of step 10 with a low water mark.

/** Lets in until `high` are inside, and then nobody until no more than `low` are left. */
export class Gate {
  readonly #high: number;
  readonly #low: number;
  #waiting: (() => void)[] = [];
  #inside = 0;
  #closed = false;

  constructor(high: number, low: number) {
    this.#high = high;
    this.#low = low;
  }

  async enter(): Promise<void> {
    while (this.#closed) await new Promise<void>((open) => this.#waiting.push(open));
    this.#closed = ++this.#inside === this.#high;
  }

  leave(): void {
    if (--this.#inside > this.#low || !this.#closed) return;
    this.#closed = false;
    const waiting = this.#waiting;
    this.#waiting = []; // those that find the gate closed again queue up anew, in the same order
    for (const open of waiting) open();
  }
}
