/**
 * Whether the bus is there: it tells when its connection is lost; a message that a front sends to itself tells
 * when the connection is there and leads nowhere.
 */

import type { EventListener } from "../../observe/events.ts";
import { SILENCE } from "./protocol.ts";

/** Watches the bus for one front. */
export class BusWatch {
  readonly #onEvent: EventListener;
  readonly #onChange: () => void;
  /** Milliseconds for which no echo has come. */
  #silence = 0;
  #away = false;

  /** @param onChange Called when it is away from now on, or there again */
  constructor(onEvent: EventListener, onChange: () => void) {
    this.#onEvent = onEvent;
    this.#onChange = onChange;
  }

  /** Whether it is not there. */
  get away(): boolean {
    return this.#away;
  }

  /** So many milliseconds have passed. */
  pass(millis: number): void {
    this.#silence += millis;
    if (this.#silence >= SILENCE) this.lost("it does not answer");
  }

  /** An echo has come. */
  heard(): void {
    this.#silence = 0;
    if (!this.#away) return;
    this.#away = false;
    this.#onEvent({ type: "nats_found" });
    this.#onChange();
  }

  /** It is away. */
  lost(reason: string): void {
    if (this.#away) return;
    this.#away = true;
    this.#onEvent({ type: "nats_lost", reason });
    this.#onChange();
  }
}
