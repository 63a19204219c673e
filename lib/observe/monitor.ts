/**
 * Monitor: keeps the page's worker told of the server, from its start to its end, and finds out how late the
 * event loop is.
 */

import type { EventListener, ServerEvent } from "./events.ts";
import { LineLens } from "./line_lens.ts";
import { type ServerShown, SnapshotSource, type SnapshotSourceOptions } from "./snapshot_source.ts";
import type { Watched } from "./web/protocol.ts";
import { webAddress } from "./web_address.ts";
import { WebHost } from "./web_host.ts";

/** Milliseconds between two looks at the clock; every fifth makes a snapshot. */
const LOOK = 50;
const LOOKS_PER_SNAPSHOT = 5;

/** Options of a {@linkcode Monitor}. */
export interface MonitorOptions extends SnapshotSourceOptions {
  onEvent: EventListener;
}

/** One server, watched. */
export class Monitor {
  readonly #host: WebHost;
  readonly #source: SnapshotSource;
  readonly #options: MonitorOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #looks = 0;
  /** When the clock was looked at last, and how late it was at the most since the last snapshot. */
  #lookedAt = performance.now();
  #lag = 0;

  private constructor(host: WebHost, source: SnapshotSource, options: MonitorOptions) {
    this.#host = host;
    this.#source = source;
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK);
    this.#post();
  }

  /**
   * Serves the page where the option `web` says.
   *
   * @returns nothing where it says nothing
   * @throws {Error} in one sentence, if it cannot be served there
   */
  static async start(options: MonitorOptions): Promise<Monitor | undefined> {
    const { settings: { web, bootTimeout }, onEvent } = options;
    const address = web === undefined ? undefined : webAddress(web);
    if (address === undefined) return undefined;
    let monitor: Monitor | undefined;
    const host = await WebHost.start(address, {
      bootTimeout,
      watched(by) {
        if (monitor !== undefined) monitor.#watched(by);
      },
      died(reason) {
        if (monitor !== undefined) monitor.#stop();
        onEvent({ type: "web_failed", reason });
      },
    });
    return monitor = new Monitor(host, new SnapshotSource(options), options);
  }

  /** Where the page is, for a browser. */
  get url(): string {
    return this.#host.url;
  }

  /** Where it is served. */
  get addr(): Deno.NetAddr {
    return { transport: "tcp", ...this.#host.address };
  }

  /** Takes an event. */
  take(event: ServerEvent): void {
    this.#source.take(event);
  }

  /** The server runs. */
  serves(server: ServerShown): void {
    this.#source.serves(server);
    this.#become("ready");
  }

  /** The server stops. */
  stops(): void {
    this.#become("stopping");
  }

  /** The server has stopped, or will not start: shows it once more, and ends. */
  async end(): Promise<void> {
    this.#stop();
    this.#become("stopping");
    await this.#host.end();
  }

  #become(state: "ready" | "stopping"): void {
    if (this.#source.state !== "stopping") this.#source.state = state;
    this.#post();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#watched("nobody");
  }

  #look(): void {
    const now = performance.now();
    this.#lag = Math.max(this.#lag, now - this.#lookedAt - LOOK);
    this.#lookedAt = now;
    if (++this.#looks % LOOKS_PER_SNAPSHOT === 0) this.#post();
  }

  #post(): void {
    this.#host.post(this.#source.snapshot(this.#lag));
    this.#lag = 0;
    this.#source.lens?.look();
  }

  /** Lines are followed only while somebody looks. */
  #watched(by: Watched): void {
    const { times } = this.#options;
    if (by !== "slow motion") this.#source.lens = undefined;
    else this.#source.lens ??= new LineLens(times.now);
    times.followed = this.#source.lens;
    this.#source.lens?.look();
  }
}
