/**
 * The service of a server: the handler's part in how it is served. Its module says what it exports, and
 * for which options it has defaults; both are known when the first worker has loaded it.
 */

import { settingsOf } from "./handlers/defaults.ts";
import type { HandlerExports, JobSettings } from "./half_sync/memory/messages.ts";
import type { EventListener } from "./observe/events.ts";
import type { Settings } from "./option_check.ts";
import type { ServeOptions } from "./options.ts";

/** What a handler and its user have settled. */
export class Service {
  readonly #options: ServeOptions;
  readonly #onEvent: EventListener;
  #settings: Settings | undefined;
  /** The handler's defaults at the start, as JSON. */
  #defaults: string | undefined;
  #greets = false;

  constructor(options: ServeOptions, onEvent: EventListener) {
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** Options, all of them there; the listener among them may be told of anything at any time. */
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
   * A worker has loaded a handler with these exports. Its defaults count at the start; later ones, which a
   * reload may bring, do not.
   *
   * @throws {Error} if they will not do, with the reason
   */
  settle({ open, defaults }: HandlerExports): JobSettings {
    const settled = settingsOf(this.#options, defaults);
    const text = JSON.stringify(defaults);
    if (this.#settings === undefined) {
      this.#settings = settled;
      this.#defaults = text;
    } else if (text !== this.#defaults) this.#onEvent({ type: "defaults_kept" });
    this.#greets = open;
    const { jobTimeout, maxReply, maxHeap, order } = this.settings;
    const { terminator } = this;
    return { terminator, jobTimeout, maxReply, maxHeap, pinned: order === "pinned" };
  }
}
