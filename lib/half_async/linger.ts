/**
 * Lingering close: the server has closed its side, and the connection stays open until the client has closed
 * the other, or sends no more. To close while the client sends would reset the connection: replies that it
 * has not read yet would be lost.
 */

import type { Activity } from "./activity.ts";

/**
 * How long a client must have sent nothing: ticks, and milliseconds of each. One timer would not do: behind a
 * standstill of the reactor it is over before anything is read. Between two ticks the reactor reads.
 */
const TICKS = 4;
const TICK = 25;

/** What a connection tells of the client's side. */
export interface ClientSide {
  /** Bytes that come in. */
  readonly activity: Activity;
  /** Whether the client has closed its side. */
  readonly atEnd: boolean;
  /** Whether lines wait for room, so that nothing is read. */
  readonly busy: boolean;
}

/** Waits for the end of one client. */
export class Linger {
  readonly #client: ClientSide;
  readonly #over: () => void;
  #until = 0;
  /** Silent ticks in a row, and the time of the client's last activity. */
  #silent = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param over Called when the client has closed its side or is silent, or the time is up */
  constructor(client: ClientSide, over: () => void) {
    this.#client = client;
    this.#over = over;
  }

  /** The server has closed its side: waits, `most` milliseconds at the most. */
  begin(most: number): void {
    if (this.#client.atEnd) return this.#over();
    this.#until = performance.now() + most;
    this.#silent = 0;
    this.#since = this.#client.activity.since();
    this.#wait();
  }

  /** Waits no more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      const { activity, atEnd, busy } = this.#client;
      if (busy) activity.note(); // nothing is read now
      const since = activity.since();
      this.#silent = since === this.#since ? this.#silent + 1 : 0;
      this.#since = since;
      if (atEnd || this.#silent === TICKS || performance.now() >= this.#until) this.#over();
      else this.#wait();
    }, TICK);
  }
}
