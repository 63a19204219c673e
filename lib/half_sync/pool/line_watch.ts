/** Watches the line that one worker is at: how long it has been seen under way. */
export class LineWatch {
  /** When the batch became the first of its worker, and when the line under way was first seen. */
  #batchSince = 0;
  #lineSince = 0;
  /** Lines of the batch that were started at the last look. */
  #started = 0;

  /** The worker has another first batch. @returns the time, by `performance.now()` */
  restart(): number {
    this.#started = 0;
    return this.#batchSince = this.#lineSince = performance.now();
  }

  /**
   * Looks at the batch; `started` of its lines have been started.
   *
   * @param late Milliseconds that the reactor stood still, and heard nothing
   */
  look(started: number, now: number, late: number): void {
    this.#lineSince = Math.min(now, this.#lineSince + late);
    if (started === this.#started) return;
    this.#started = started;
    this.#lineSince = now;
  }

  /** Milliseconds since the batch became the first of its worker. */
  batchAge(now: number): number {
    return now - this.#batchSince;
  }

  /** Milliseconds since the line under way was first seen. */
  lineAge(now: number): number {
    return now - this.#lineSince;
  }
}
