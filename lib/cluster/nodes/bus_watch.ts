/**
 * Knows whether the bus is there. The bus tells when its connection is lost. A message that a front sends to
 * itself tells when there is a connection that leads nowhere.
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

  /** @param onChange Called when the bus is gone, and when it is back */
  constructor(onEvent: EventListener, onChange: () => void) {
    this.#onEvent = onEvent;
    this.#onChange = onChange;
  }

  /** Whether the bus is gone. */
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

  /** The bus is gone, for this reason. */
  lost(reason: string): void {
    if (this.#away) return;
    this.#away = true;
    this.#onEvent({ type: "nats_lost", reason });
    this.#onChange();
  }
}
