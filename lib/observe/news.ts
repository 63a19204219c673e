/** Finds what is new in each snapshot of a server, by the IDs of its events and samples, which count up. */

import type { LineSample } from "./line_sample.ts";
import type { EventShown, Snapshot } from "./snapshot.ts";

/** Compares successive snapshots. */
export class News {
  /** The greatest IDs so far. */
  #eventsTo = -1;
  #samplesTo = -1;

  /** The events and samples that no snapshot had before this one. */
  of({ events, samples = [] }: Snapshot): { events: EventShown[]; samples: LineSample[] } {
    const fresh = {
      events: events.filter(({ id }) => id > this.#eventsTo),
      samples: samples.filter(({ id }) => id > this.#samplesTo),
    };
    this.#eventsTo = fresh.events.at(-1)?.id ?? this.#eventsTo;
    this.#samplesTo = fresh.samples.at(-1)?.id ?? this.#samplesTo;
    return fresh;
  }
}
