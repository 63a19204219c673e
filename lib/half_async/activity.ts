/**
 * Activity of one direction of a connection, for its timeouts. To note the time of each read and write
 * costs 80 ns, three times a line; so they only say that they were there, and whoever asks once in a while
 * notes the time.
 */
export class Activity {
  /** Whether there has been any since {@linkcode quietFor} was asked last. */
  #any = true;
  #since = 0;

  /** Bytes have moved. */
  note(): void {
    this.#any = true;
  }

  /** Milliseconds since somebody asked first behind the last activity: 0 if that is now. */
  quietFor(): number {
    const now = performance.now();
    return now - this.since(now);
  }

  /** When somebody asked first behind the last activity, by `performance.now()`. */
  since(now: number = performance.now()): number {
    if (this.#any) this.#since = now;
    this.#any = false;
    return this.#since;
  }
}
