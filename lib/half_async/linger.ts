/**
 * Lingering close: a connection whose side the server has closed stays open until its client has closed
 * the other one, or sends no more. To close while it sends resets the connection, and what the client
 * has not read by then is lost.
 */

import type { Activity } from "./activity.ts";

/** Milliseconds for which a client must have sent nothing. */
const SILENCE = 100;

/** Milliseconds after which the connection is closed although the client still sends. */
const MOST = 5000;

/** What a connection tells of the client's side. */
export interface ClientSide {
  /** Bytes that come in. */
  readonly activity: Activity;
  /** Whether the client has closed its side. */
  readonly atEnd: boolean;
}

/** Waits for the end of one client. */
export class Linger {
  readonly #client: ClientSide;
  readonly #close: () => void;
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param close Called when the connection may be closed */
  constructor(client: ClientSide, close: () => void) {
    this.#client = client;
    this.#close = close;
  }

  /** Begins to wait: the server has closed its side. */
  begin(): void {
    if (this.#client.atEnd) return this.#close();
    this.#until = performance.now() + MOST;
    this.#client.activity.quietFor(); // from now on
    this.#wait();
  }

  /** Waits no more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      const { activity, atEnd } = this.#client;
      const sends = activity.quietFor() < SILENCE && performance.now() < this.#until;
      if (sends && !atEnd) this.#wait();
      else this.#close();
    }, SILENCE);
  }
}
