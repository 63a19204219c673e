/**
 * The event streams of open pages. None can make memory grow: a page that does not read in time misses
 * updates, and the stream of one that reads nothing at all is closed.
 */

import type { Feed } from "./feed.ts";
import type { Audience } from "./protocol.ts";

/** Most streams at once. */
const MOST_STREAMS = 100;

/** Milliseconds that a page may read nothing. */
const STUCK_AFTER = 15_000;

/** One open page. */
interface Stream {
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  slowMotion: boolean;
  /** When it last took something, in milliseconds by `performance.now()`. */
  tookAt: number;
  /** Whether it has missed an update: then it is greeted anew. */
  behind: boolean;
}

/** All streams. */
export class EventStreams {
  readonly #streams = new Set<Stream>();
  readonly #feed: Feed;
  readonly #onWatched: (by: Audience) => void;
  #watched: Audience = "nobody";

  constructor(feed: Feed, onWatched: (by: Audience) => void) {
    this.#feed = feed;
    this.#onWatched = onWatched;
  }

  /** Number of open pages. */
  get size(): number {
    return this.#streams.size;
  }

  /** A stream for one more page; `undefined` if there are too many. */
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

  /**
   * Sends the newest update to all pages that can take it, and closes the streams of those that are stuck.
   */
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

  /** Ends all streams, with a farewell. */
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

/** Writes to a stream that its page may have left: only writing finds that out. */
function unlessGone(act: () => void): void {
  try {
    act();
  } catch {
    // left: `cancel` has been called, or is about to be
  }
}
