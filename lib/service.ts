/**
 * The service of a server: the handler's part in how it is served. A handler's module says what it exports,
 * and has defaults for options; both are known when the first worker has loaded it.
 */

import { settingsOf } from "./handlers/defaults.ts";
import type { HandlerExports, JobSettings } from "./half_sync/memory/messages.ts";
import type { EventListener } from "./observe/events.ts";
import type { Settings } from "./option_check.ts";
import type { ServeOptions } from "./options.ts";
import { ORDERS } from "./orders.ts";
import { reason } from "./reason.ts";

/** A handler of a worker machine, with its limits there. */
export interface RemoteHandler extends HandlerExports {
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** Longest reply, in bytes. */
  maxReply: number;
}

/** What the handler and the user have settled together. */
export class Service {
  readonly #options: ServeOptions;
  readonly #onEvent: EventListener;
  #settings: Settings | undefined;
  /** The defaults of the handler loaded last, as JSON. */
  #defaults: string | undefined;
  #greets = false;
  /** Whether a handler is known. */
  #met = false;

  constructor(options: ServeOptions, onEvent: EventListener) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** All options. Their listener may be told of anything at any time. */
  get settings(): Settings & { onEvent: EventListener } {
    this.#settings ??= settingsOf(this.#options, undefined); // no worker has loaded the handler
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
   * A worker has loaded a handler with these exports. Its defaults count at the start; those of a reload do
   * not.
   *
   * @throws {Error} if the defaults are not valid, with the reason
   */
  settle({ open, defaults }: HandlerExports): JobSettings {
    this.#met = true;
    const text = JSON.stringify(defaults);
    if (this.#settings === undefined) this.#settings = settingsOf(this.#options, defaults);
    else if (text !== this.#defaults) this.#onEvent({ type: "defaults_kept" });
    this.#defaults = text; // the next worker with these is no news
    this.#greets ||= open; // a handler without a greeting says nothing
    const { jobTimeout, maxReply, maxHeap, order } = this.settings;
    const { terminator } = this;
    return { terminator, jobTimeout, maxReply, maxHeap, pinned: ORDERS[order].pinned };
  }

  /**
   * Why a handler of a worker machine cannot be served here; `undefined` if it can. The first one settles
   * what the service is.
   */
  objection({ open, defaults, jobTimeout, maxReply }: RemoteHandler): string | undefined {
    if (!this.#met) {
      try {
        this.settle({ open, defaults });
      } catch (error) {
        this.#met = false;
        return reason(error);
      }
    }
    if (JSON.stringify(defaults) !== this.#defaults) return "its handler has other defaults";
    if (open !== this.#greets) {
      return `its handler ${open ? "greets" : "does not greet"} connections, unlike that of others`;
    }
    const { jobTimeout: most, maxReply: longest } = this.settings;
    if ((jobTimeout || Infinity) > (most || Infinity)) {
      return `its --job-timeout is ${jobTimeout}, and that of this server ${most}`;
    }
    if (maxReply > longest) {
      return `its --max-reply is ${maxReply}, and that of this server ${longest}`;
    }
  }
}
