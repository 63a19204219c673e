/** A listener that keeps the latest events, as sentences, for the page. */

import { EventJoiner } from "./event_joiner.ts";
import type { ServerEvent } from "./events.ts";
import { LEVEL_OF } from "./log.ts";
import { handlerName, sentence } from "./sentences.ts";
import type { EventShown } from "./snapshot.ts";

/** Most events kept: each snapshot carries them all. */
const MOST = 50;

/** The latest events. */
export class RecentEvents {
  #events: readonly EventShown[] = [];
  #next = 0;
  readonly #joiner = new EventJoiner((event) => this.#add(event));

  /** Takes an event, unless it is only for debugging. */
  take(event: ServerEvent): void {
    if (LEVEL_OF[event.type] !== "debug") this.#joiner.take(event);
  }

  /** All that are kept, oldest first. */
  get all(): readonly EventShown[] {
    return this.#events;
  }

  /** Takes an event that is a sentence already, as another process sends it. */
  show(event: Omit<EventShown, "id">): void {
    this.#events = [...this.#events, { ...event, id: this.#next++ }].slice(-MOST);
  }

  #add(event: ServerEvent): void {
    this.show({
      at: Date.now(),
      level: LEVEL_OF[event.type],
      type: event.type,
      text: sentence(discreet(event)),
    });
  }
}

/** An event without details that may name a folder of the machine. */
function discreet(event: ServerEvent): ServerEvent {
  if (event.type === "listening") return { ...event, handler: handlerName(event.handler) };
  if (!("permission" in event)) return event;
  const { permission: _, ...rest } = event;
  return rest;
}
