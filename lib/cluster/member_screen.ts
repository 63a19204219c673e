/**
 * The screen of one process of several: what its page would show goes to its supervisor. While one snapshot
 * is on its way, only the newest one waits behind it.
 */

import { News } from "../observe/news.ts";
import type { Screen, ScreenListener } from "../observe/screen.ts";
import type { Snapshot } from "../observe/snapshot.ts";

/** Milliseconds that the last words may take: a supervisor that stands still reads nothing. */
export const LAST_WORD = 1000;

/** Shows a server to its supervisor. */
export class MemberScreen implements Screen {
  readonly #listener: ScreenListener;
  readonly #send: (snapshot: Snapshot) => Promise<void>;
  readonly #news = new News();
  #newest: Snapshot | undefined;
  #sending: Promise<void> | undefined;

  /** @param send Sends a snapshot; settles when it is out. */
  constructor(listener: ScreenListener, send: (snapshot: Snapshot) => Promise<void>) {
    this.#listener = listener;
    this.#send = send;
  }

  /** Somebody wants to see single lines, or nobody does any more. */
  follow(on: boolean): void {
    this.#listener.watched(on ? "slow motion" : "nobody");
  }

  post(snapshot: Snapshot): void {
    this.#newest = snapshot;
    this.#sending ??= this.#sendAll();
  }

  async end(): Promise<void> {
    if (this.#sending !== undefined) await atMost(LAST_WORD, this.#sending);
  }

  async #sendAll(): Promise<void> {
    while (this.#newest !== undefined) {
      const snapshot = this.#newest;
      this.#newest = undefined;
      await this.#send({ ...snapshot, ...this.#news.of(snapshot) });
    }
    this.#sending = undefined;
  }
}

/** Waits for a promise, but no longer than so many milliseconds. */
export async function atMost(millis: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, millis));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
