/**
 * Lingering close: a connection whose side the server has closed stays open until its client has closed
 * the other one, or sends no more. To close while it sends resets the connection, and what the client
 * has not read by then is lost.
 */

import type { Activity } from "./activity.ts";

/**
 * For how long a client must have sent nothing: so many ticks, of so many milliseconds. Ticks, as behind a
 * standstill of the reactor a timer is over before anything is read; between two of them the reactor reads.
 */
const TICKS = 4;
const TICK = 25;

/** What a connection tells of the client's side. */
export interface ClientSide {
  /** Bytes that come in. */
  readonly activity: Activity;
  /** Whether the client has closed its side. */
  readonly atEnd: boolean;
  /** Whether lines that came in wait for room, so that nothing is read. */
  readonly busy: boolean;
}

/** Waits for the end of one client. */
export class Linger {
  readonly #client: ClientSide;
  readonly #over: () => void;
  #until = 0;
  /** Ticks that were silent, one behind another, and since when the client is. */
  #silent = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param over Called when the client has closed its side or is silent, or the time is over */
  constructor(client: ClientSide, over: () => void) {
    this.#client = client;
    this.#over = over;
  }

  /** Begins to wait, for so many milliseconds at the most: the server has closed its side. */
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
