/**
 * Activity of one direction of a connection, for its timeouts. To read the clock at each read and write would
 * cost 80 ns, three times a line. So those only note that bytes have moved, and the time is read when
 * somebody asks.
 */
export class Activity {
  /** Whether bytes have moved since the last call of {@linkcode quietFor} or {@linkcode since}. */
  #any = true;
  #since = 0;

  /** Bytes have moved. */
  note(): void {
    this.#any = true;
  }

  /** Milliseconds since the first call after the last activity: 0 if this is it. */
  quietFor(): number {
    const now = performance.now();
    return now - this.since(now);
  }

  /** When the first call after the last activity was, by `performance.now()`. */
  since(now: number = performance.now()): number {
    if (this.#any) this.#since = now;
    this.#any = false;
    return this.#since;
  }
}
