/**
 * A worker's clock, in terms of the reactor's. The clocks of two isolates run alike, but count from their own
 * beginnings; what Deno says of those (`performance.timeOrigin`) was found 15 ms off. Each batch narrows the
 * difference down: it begins after it is sent, and is heard of after it has ended.
 */

/** One batch's times, in milliseconds: by the reactor's clock, and by the worker's. */
export interface BatchTimes {
  /** When it was sent, if that is known. */
  sent?: number;
  /** When it was heard of. */
  heard: number;
  /** When the worker began it, and ended it. */
  begun: number;
  ended: number;
}

/** The difference of two clocks. */
export class WorkerClock {
  #least = -Infinity;
  #most = Infinity;

  /** Learns from a batch. A handler may have spoilt what the worker has told. */
  learn({ sent = -Infinity, heard, begun, ended }: BatchTimes): void {
    this.#least = Math.max(this.#least, sent - begun);
    this.#most = Math.min(this.#most, heard - ended);
  }

  /** A time of the worker's clock by the reactor's; off by half of the quickest batch's way at the most. */
  read(time: number): number {
    const difference = this.#least === -Infinity ? this.#most : (this.#least + this.#most) / 2;
    return time + difference;
  }
}
