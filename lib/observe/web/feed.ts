/**
 * What open pages are told, as server-sent events: first a greeting with the last five minutes, then for each
 * snapshot an update with what is new.
 */

import { News } from "../news.ts";
import type { Snapshot } from "../snapshot.ts";
import { History } from "./history.ts";

const encoder = new TextEncoder();

/** Makes messages of snapshots. An update is made at most once, however many pages there are. */
export class Feed {
  readonly #history = new History();
  #snapshot: Snapshot | undefined;
  readonly #news = new News();
  #update: (() => Uint8Array<ArrayBuffer>) | undefined;

  /** Takes the newest snapshot. */
  take(snapshot: Snapshot): void {
    const point = this.#history.take(snapshot);
    const { events, samples } = this.#news.of(snapshot);
    this.#snapshot = snapshot;
    let made: Uint8Array<ArrayBuffer> | undefined;
    this.#update = () =>
      made ??= message("update", { ...shown(snapshot), events, samples, ...point && { point } });
  }

  /** All there is, for a page that has just come or has missed an update. */
  greeting(): Uint8Array<ArrayBuffer> {
    const snapshot = this.#snapshot;
    return message("greeting", {
      points: this.#history.points,
      ...snapshot && {
        ...shown(snapshot),
        events: snapshot.events,
        samples: snapshot.samples ?? [],
      },
    });
  }

  /** What is new, for a page that has missed nothing. */
  update(): Uint8Array<ArrayBuffer> {
    return this.#update?.() ?? encoder.encode(":\n\n");
  }

  /** The last message, for every page, when the server ends. */
  farewell(): Uint8Array<ArrayBuffer> {
    return message("farewell", {});
  }
}

/** A snapshot without those parts that a page gets in another form. */
function shown({ times: _, events: __, samples: ___, ...rest }: Snapshot) {
  return rest;
}

function message(event: string, data: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
