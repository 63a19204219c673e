/**
 * What the open pages are told, as server-sent events: a greeting with the last minutes, then an
 * update for each snapshot that holds what is new in it.
 */

import { News } from "../news.ts";
import type { Snapshot } from "../snapshot.ts";
import { History } from "./history.ts";

const encoder = new TextEncoder();

/** Makes messages of snapshots; each is made at most once, however many pages there are. */
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

  /** For a page that has just come, or has missed an update: all there is. */
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

  /** For a page that has had all before. */
  update(): Uint8Array<ArrayBuffer> {
    return this.#update?.() ?? encoder.encode(":\n\n");
  }

  /** For every page, when the server ends. */
  farewell(): Uint8Array<ArrayBuffer> {
    return message("farewell", {});
  }
}

/** A snapshot without what a page gets in another form. */
function shown({ times: _, events: __, samples: ___, ...rest }: Snapshot) {
  return rest;
}

function message(event: string, data: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
