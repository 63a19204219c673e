/**
 * The open pages' event streams. None of them can make memory grow: what a page does not read in time
 * it does not get, and one that reads nothing at all is closed.
 */

import type { Feed } from "./feed.ts";
import type { Watched } from "./protocol.ts";

/** Most streams at once. */
const MOST_STREAMS = 100;

/** Milliseconds for which a page may read nothing. */
const STUCK_AFTER = 15_000;

/** One open page. */
interface Stream {
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  slowMotion: boolean;
  /** When it last took something, by `performance.now()`. */
  tookAt: number;
  /** Whether it has missed an update: the next one tells it all. */
  behind: boolean;
}

/** All streams; each update is made once for all of them. */
export class EventStreams {
  readonly #streams = new Set<Stream>();
  readonly #feed: Feed;
  readonly #onWatched: (by: Watched) => void;
  #watched: Watched = "nobody";

  constructor(feed: Feed, onWatched: (by: Watched) => void) {
    this.#feed = feed;
    this.#onWatched = onWatched;
  }

  /** How many pages are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** A stream for another page; `undefined` where there are enough. */
  open(slowMotion: boolean): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#streams.size >= MOST_STREAMS) return undefined;
    let stream: Stream;
    return new ReadableStream({
      start: (controller) => {
        stream = { controller, slowMotion, tookAt: performance.now(), behind: false };
        controller.enqueue(this.#feed.greeting());
        this.#streams.add(stream);
        this.#tell();
      },
      cancel: () => this.#forget(stream),
    });
  }

  /** Sends the newest update to all that can take it. */
  send(): void {
    if (this.#streams.size === 0) return;
    const now = performance.now();
    let greeting: Uint8Array<ArrayBuffer> | undefined;
    for (const stream of this.#streams) {
      const { controller, tookAt, behind } = stream;
      if ((controller.desiredSize ?? 0) > 0) {
        const all = behind ? greeting ??= this.#feed.greeting() : this.#feed.update();
        unlessGone(() => controller.enqueue(all));
        stream.tookAt = now;
        stream.behind = false;
      } else if (now - tookAt > STUCK_AFTER) {
        controller.error(new Error("the page does not read"));
        this.#forget(stream);
      } else {
        stream.behind = true;
      }
    }
  }

  /** Ends all streams, with a last word that says so. */
  end(): void {
    for (const { controller } of this.#streams) {
      unlessGone(() => controller.enqueue(this.#feed.farewell()));
      unlessGone(() => controller.close());
    }
    this.#streams.clear();
    this.#tell();
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    this.#tell();
  }

  #tell(): void {
    const streams = [...this.#streams];
    const watched = streams.length === 0
      ? "nobody"
      : streams.some((stream) => stream.slowMotion)
      ? "slow motion"
      : "page";
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#onWatched(watched);
  }
}

/** Does something with a stream that may be cancelled while it is done: writing is what finds that out. */
function unlessGone(act: () => void): void {
  try {
    act();
  } catch {
    // cancelled: `cancel` has been called, or is about to be
  }
}
