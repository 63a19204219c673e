/**
 * The monitor: shows a server on screens from its start to its end, with a snapshot every 0.25 s, and
 * measures how late its event loop is. A server without a screen has no monitor.
 */

import type { EventListener, ServerEvent } from "./events.ts";
import { LineLens } from "./line_lens.ts";
import type { OpenScreen, Screen, ScreenListener } from "./screen.ts";
import { type ServerShown, SnapshotSource, type SnapshotSourceOptions } from "./snapshot_source.ts";
import type { Audience } from "./web/protocol.ts";
import { webAddress } from "./web_address.ts";
import { WebHost } from "./web_host.ts";

/** Milliseconds between looks at the clock, and looks per snapshot: 0.25 s, as the help of metrics says. */
const LOOK = 50;
const LOOKS_PER_SNAPSHOT = 5;

/** Options of a {@linkcode Monitor}. */
export interface MonitorOptions extends SnapshotSourceOptions {
  /** Screens besides the page. */
  screens: readonly OpenScreen[];
  onEvent: EventListener;
}

/** Monitors one server. */
export class Monitor {
  /** The page, where the option `web` asks for one. */
  page: WebHost | undefined;
  readonly #screens = new Set<Screen>();
  readonly #source: SnapshotSource;
  readonly #options: MonitorOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looks = 0;
  /** When the clock was last looked at. */
  #lookedAt = performance.now();
  /** By how many milliseconds a look was late, at most, since the last snapshot. */
  #lag = 0;

  private constructor(options: MonitorOptions) {
    this.#source = new SnapshotSource(options);
    this.#options = options;
  }

  /**
   * Opens the page where the option `web` says, and the other screens.
   *
   * @returns nothing if there is no screen
   * @throws {Error} in one sentence, if one cannot be opened
   */
  static async start(options: MonitorOptions): Promise<Monitor | undefined> {
    const { settings: { web, bootTimeout }, screens } = options;
    const address = web === undefined ? undefined : webAddress(web);
    if (address === undefined && screens.length === 0) return undefined;
    const monitor = new Monitor(options);
    try {
      if (address !== undefined) {
        const open: OpenScreen<WebHost> = (told) =>
          WebHost.start(address, { bootTimeout, ...told });
        monitor.page = await monitor.#open(open);
      }
      for (const open of screens) await monitor.#open(open);
    } catch (error) {
      await monitor.end();
      throw error;
    }
    monitor.#timer = setInterval(() => monitor.#look(), LOOK);
    monitor.#post();
    return monitor;
  }

  /** Takes an event. */
  take(event: ServerEvent): void {
    this.#source.take(event);
  }

  /** The server is ready. */
  serves(server: ServerShown): void {
    this.#source.serves(server);
    this.#become("ready");
  }

  /** The server has begun to stop. */
  stops(): void {
    this.#become("stopping");
  }

  /** The server has stopped, or will not start: shows a last snapshot, and ends the screens. */
  async end(): Promise<void> {
    this.#stop();
    this.#become("stopping");
    await Promise.all([...this.#screens].map((screen) => screen.end()));
  }

  async #open<T extends Screen>(open: OpenScreen<T>): Promise<T> {
    let screen: T | undefined = undefined;
    const listener: ScreenListener = {
      watched: (by) => this.#watched(by),
      died: (reason) => {
        if (screen !== undefined) this.#screens.delete(screen);
        if (this.#screens.size === 0) this.#stop();
        this.#options.onEvent({ type: "web_failed", reason });
      },
    };
    screen = await open(listener);
    this.#screens.add(screen);
    return screen;
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
    const snapshot = this.#source.snapshot(this.#lag);
    for (const screen of this.#screens) screen.post(snapshot);
    this.#lag = 0;
    this.#source.lens?.look();
  }

  /** Lines are followed only while a page shows them in slow motion. */
  #watched(by: Audience): void {
    const { times } = this.#options;
    if (by !== "slow motion") this.#source.lens = undefined;
    else this.#source.lens ??= new LineLens(times.now);
    times.lens = this.#source.lens;
    this.#source.lens?.look();
  }
}
