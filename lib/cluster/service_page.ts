/** The page of a service of several processes; the supervisor serves it, from a worker of its own. */

import type { EventListener } from "../observe/events.ts";
import type { Audience, WebAddress } from "../observe/web/protocol.ts";
import { WebHost } from "../observe/web_host.ts";
import type { ServiceView } from "./service_view.ts";

/** Milliseconds from one snapshot to the next. */
const STEP = 250;

/** Options of a {@linkcode ServicePage}. */
export interface ServicePageOptions {
  address: WebAddress;
  view: ServiceView;
  /** Seconds that its worker may take to listen. */
  bootTimeout: number;
  /** Told who looks at it. */
  watched: (by: Audience) => void;
  onEvent: EventListener;
}

/** A page that shows a service. */
export class ServicePage {
  readonly #host: WebHost;
  readonly #view: ServiceView;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(host: WebHost, view: ServiceView) {
    this.#host = host;
    this.#view = view;
    this.#timer = setInterval(() => this.#post(), STEP);
    this.#post();
  }

  /**
   * Serves it.
   *
   * @throws {Error} if it cannot be served there, in one sentence
   */
  static async start(options: ServicePageOptions): Promise<ServicePage> {
    const { address, view, bootTimeout, watched, onEvent } = options;
    const host = await WebHost.start(address, {
      bootTimeout,
      watched,
      died(reason) {
        onEvent({ type: "web_failed", reason });
      },
    });
    const page = new ServicePage(host, view);
    onEvent({ type: "web_listening", url: host.url });
    return page;
  }

  /** Shows once more how the service is, and ends. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#post();
    await this.#host.end();
  }

  #post(): void {
    this.#host.post(this.#view.snapshot());
  }
}
