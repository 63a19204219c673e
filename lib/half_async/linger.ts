/**
 * Lingering close: a connection whose side the server has closed stays open until its client has closed
 * the other one, or sends no more. To close while it sends resets the connection, and what the client
 * has not read by then is lost.
 */

import type { Activity } from "./activity.ts";

/** Milliseconds for which a client must have sent nothing. */
const SILENCE = 100;

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
    this.#client.activity.quietFor(); // from now on
    this.#wait();
  }

  /** Waits no more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const due = performance.now() + SILENCE;
    this.#timer = setTimeout(() => {
      const { activity, atEnd, busy } = this.#client;
      const now = performance.now();
      // After a standstill of the reactor timers come before what the client has sent meanwhile.
      if (busy || now > due + SILENCE) activity.note();
      const sends = activity.quietFor() < SILENCE && now < this.#until;
      if (sends && !atEnd) this.#wait();
      else this.#over();
    }, SILENCE);
  }
}
