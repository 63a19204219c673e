/** The source of snapshots: asks each part of the server for its numbers, and puts them together. */

import { VERSION } from "../version.ts";
import type { Settings } from "../option_check.ts";
import { bootingWorkers } from "./booting_workers.ts";
import { newCounters } from "./counters.ts";
import type { Counters, ServerEvent } from "./events.ts";
import type { LineLens } from "./line_lens.ts";
import type { LineTimes } from "./line_times.ts";
import { ProcessStats } from "./process_stats.ts";
import { RecentEvents } from "./recent_events.ts";
import { addressText, handlerName } from "./sentences.ts";
import type { HeldShown, NodeShown, OptionsShown, Snapshot, WorkerShown } from "./snapshot.ts";

/** The parts of a running server that show something of themselves. */
export interface ServerShown {
  addr: Deno.Addr;
  settings: Settings;
  counters: () => Readonly<Counters>;
  queue: { queued: { lines: number; bytes: number }; byteLimit: number };
  connections: {
    size: number;
    traffic(): {
      unanswered: number;
      paused: number;
      received: number;
      sent: number;
      unread: number;
      held: HeldShown;
    };
  };
  pool: {
    shown(): WorkerShown[];
    nodes?(): NodeShown[];
    replacements: Readonly<Record<string, number>>;
  };
}

/** What a {@linkcode SnapshotSource} needs before the server runs. */
export interface SnapshotSourceOptions {
  settings: Settings;
  times: LineTimes;
}

/** Makes one server's snapshots. */
export class SnapshotSource {
  state: Snapshot["state"] = "starting";
  /** Follows single lines, while a page shows them. */
  lens: LineLens | undefined;
  /** The running server, once there is one. */
  #server: ServerShown | undefined;
  #options: OptionsShown;
  readonly #times: LineTimes;
  readonly #startedAt = Date.now();
  readonly #process = new ProcessStats();
  readonly #events = new RecentEvents();

  constructor({ settings, times }: SnapshotSourceOptions) {
    this.#times = times;
    this.#options = optionsShown(settings);
  }

  /** The server runs. Its settings count from now on: the handler may have defaults for some. */
  serves(server: ServerShown): void {
    this.#server = server;
    this.#options = optionsShown(server.settings);
  }

  /** Takes an event. */
  take(event: ServerEvent): void {
    this.#events.take(event);
  }

  /** The server now; `lag` is how late its event loop has been, in milliseconds. */
  snapshot(lag: number): Snapshot {
    const server = this.#server;
    const counters = server?.counters() ?? newCounters();
    const { accepted, answered, failed, gone, connections, refused, abandoned } = counters;
    const traffic = server?.connections.traffic();
    const { paused = 0, received = 0, sent = 0, unread = 0 } = traffic ?? {};
    return {
      at: Date.now(),
      startedAt: this.#startedAt,
      version: VERSION,
      deno: Deno.version.deno,
      state: this.state,
      ...server && { address: addressText(server.addr) },
      options: this.#options,
      lines: { accepted, answered, failed, gone, unanswered: traffic?.unanswered ?? 0 },
      connections: { open: server?.connections.size ?? 0, paused, total: connections, refused },
      bytes: { received, sent, unread },
      queue: {
        ...server?.queue.queued ?? { lines: 0, bytes: 0 },
        byteLimit: server?.queue.byteLimit ?? 0,
      },
      held: traffic?.held ?? { replies: 0, bytes: 0 },
      workers: server?.pool.shown() ?? bootingWorkers(this.#options.workers),
      replacements: { ...server?.pool.replacements },
      abandoned,
      times: this.#times.shown(),
      process: { ...this.#process.look(), loopLagSeconds: lag / 1000 },
      events: [...this.#events.all],
      ...server?.pool.nodes && { nodes: server.pool.nodes() },
      ...this.lens && { samples: [...this.lens.samples] },
    };
  }
}

function optionsShown(settings: Settings): OptionsShown {
  const { handler, order, workers, maxConnections, queueLimit, maxLine } = settings;
  const { jobTimeout, overload } = settings;
  return {
    handler: handlerName(String(handler)),
    order,
    workers,
    maxConnections,
    queueLimit,
    maxLine,
    jobTimeout,
    overload,
  };
}
