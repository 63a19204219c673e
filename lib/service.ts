/**
 * The service of a server: how its handler is served. A handler's module may export hooks and defaults of
 * options; what it exports is known when the first worker has loaded it.
 */

import { settingsOf } from "./handlers/defaults.ts";
import type { HandlerExports, JobSettings } from "./half_sync/memory/messages.ts";
import type { EventListener } from "./observe/events.ts";
import type { Settings } from "./option_check.ts";
import type { ServeOptions } from "./options.ts";
import { ORDERS } from "./orders.ts";
import { reason } from "./reason.ts";

/** The handler of a worker machine, with its limits there. */
export interface RemoteHandler extends HandlerExports {
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** Longest reply, in bytes. */
  maxReply: number;
}

/** What the user's options and the handler's module settle together. */
export class Service {
  readonly #options: ServeOptions;
  readonly #onEvent: EventListener;
  #settings: Settings | undefined;
  /** The defaults in force, and those of the handler loaded last, as JSON. */
  #inForce: string | undefined;
  #latest: string | undefined;
  #greets = false;
  /** Whether a handler's exports are known. */
  #met = false;

  constructor(options: ServeOptions, onEvent: EventListener) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** All options. Their `onEvent` is always there, and never throws. */
  get settings(): Settings & { onEvent: EventListener } {
    this.#settings ??= settingsOf(this.#options, undefined); // if no worker has loaded a handler yet
    return { ...this.#settings, onEvent: this.#onEvent };
  }

  /** What ends a reply. */
  get terminator(): string {
    return this.settings.newline === "crlf" ? "\r\n" : "\n";
  }

  /** Whether the handler greets each connection. */
  get greets(): boolean {
    return this.#greets;
  }

  /**
   * A worker has loaded a handler with these exports. Its defaults count at the start, but not at a reload.
   *
   * @returns what the worker needs to know to run jobs
   * @throws {Error} if the defaults are not valid, with the reason
   */
  settle({ open, defaults }: HandlerExports): JobSettings {
    const text = JSON.stringify(defaults);
    const isKnown = text === this.#latest || this.#met && text === this.#inForce;
    if (this.#settings === undefined) this.#settings = settingsOf(this.#options, defaults);
    else if (!isKnown) this.#onEvent({ type: "defaults_kept" });
    if (!this.#met) this.#inForce = text;
    this.#met = true;
    this.#latest = text; // so that the next worker with the same is no news
    this.#greets ||= open; // a reloaded handler without `open` may be asked: it says nothing
    const { jobTimeout, maxReply, maxHeap, order } = this.settings;
    const { terminator } = this;
    return { terminator, jobTimeout, maxReply, maxHeap, pinned: ORDERS[order].pinned };
  }

  /**
   * Why a worker machine's handler cannot be served here; `undefined` if it can. The exports of the first one
   * are settled as the service's.
   */
  objection({ open, defaults, jobTimeout, maxReply }: RemoteHandler): string | undefined {
    if (!this.#met) {
      try {
        this.settle({ open, defaults });
      } catch (error) {
        return reason(error);
      }
    }
    if (JSON.stringify(defaults) !== this.#inForce) return "its handler has other defaults";
    if (open !== this.#greets) {
      return `its handler ${open ? "greets" : "does not greet"} connections, unlike the service's`;
    }
    const { jobTimeout: most, maxReply: longest } = this.settings;
    if ((jobTimeout || Infinity) > (most || Infinity)) {
      return `its --job-timeout is ${jobTimeout}, but this server's is ${most}`;
    }
    if (maxReply > longest) {
      return `its --max-reply is ${maxReply}, but this server's is ${longest}`;
    }
  }
}
