/**
 * The service as a whole: makes one snapshot of those that its processes send. What a process has counted
 * outlives it.
 */

import { VERSION } from "../version.ts";
import type { ServerEvent } from "../observe/events.ts";
import type { LineSample } from "../observe/line_sample.ts";
import { ProcessStats } from "../observe/process_stats.ts";
import { RecentEvents } from "../observe/recent_events.ts";
import type { NodeShown, OptionsShown, Snapshot } from "../observe/snapshot.ts";
import { EMPTY, plus } from "./accounts.ts";
import { SeatView } from "./seat_view.ts";

/** Followed lines that are kept. */
const SAMPLES = 50;

/** An event of processes that is not shown: the supervisor asks for it once a second. */
const ASKED_FOR = "counters";

/** Options of a {@linkcode ServiceView}. */
export interface ServiceViewOptions {
  /** How many processes. */
  processes: number;
  /** The options to show until a process has told its own. */
  options: OptionsShown;
}

/** A service of several processes, seen from outside. */
export class ServiceView {
  /** Where the service is in its life. */
  state: Snapshot["state"] = "starting";
  readonly #seats: SeatView[];
  readonly #options: OptionsShown;
  readonly #startedAt = Date.now();
  readonly #events = new RecentEvents();
  readonly #own = new ProcessStats();
  #samples: readonly LineSample[] = [];
  #nextSample = 0;

  constructor({ processes, options }: ServiceViewOptions) {
    this.#options = options;
    this.#seats = Array.from(
      { length: processes },
      (_, index) => new SeatView(index + 1, options.workers),
    );
  }

  /** The process of this number has been started. */
  join(process: object, number: number, pid?: number): void {
    this.#seats[number - 1].join(process, pid);
  }

  /** A process shows itself; its snapshot has only new events and samples. */
  hear(process: object, number: number, snapshot: Snapshot): void {
    this.#seats[number - 1].hear(process, snapshot);
    for (const { id: _, text, ...event } of snapshot.events) {
      if (event.type === ASKED_FOR) continue;
      this.#events.show({ ...event, text: `process ${number}: ${text}` });
    }
    const samples = (snapshot.samples ?? [])
      .map((sample) => ({ ...sample, id: this.#nextSample++, process: number }));
    this.#samples = [...this.#samples, ...samples].slice(-SAMPLES);
  }

  /** A process has ended. */
  close(process: object, number: number): void {
    this.#seats[number - 1].close(process);
  }

  /** Takes an event of the supervisor's. */
  take(event: ServerEvent): void {
    this.#events.take(event);
  }

  /** The service as it is now. */
  snapshot(): Snapshot {
    const supervisor = { ...EMPTY, process: { ...this.#own.look(), loopLagSeconds: 0 } };
    const sum = this.#seats.reduce((sum, { account }) => plus(sum, account), supervisor);
    const known = this.#seats.find(({ snapshot }) => snapshot?.address !== undefined)?.snapshot;
    const workers = this.#seats.flatMap((seat) => seat.workers);
    const now = performance.now();
    const rows = this.#seats.flatMap((seat) => seat.rows(now));
    const isFormer = ({ state }: { state: string }) => state === "former";
    const { maxConnections, queueLimit, ...options } = known?.options ?? this.#options;
    return {
      ...sum,
      at: Date.now(),
      startedAt: this.#startedAt,
      version: VERSION,
      deno: Deno.version.deno,
      state: this.state,
      ...known && { address: known.address },
      options: {
        ...options,
        workers: workers.length,
        // Each process has limits of its own; see docs/scaling.md.
        maxConnections: maxConnections * this.#seats.length,
        queueLimit: queueLimit * this.#seats.length,
      },
      workers,
      ...nodesOf(this.#seats),
      processes: [...rows.filter((row) => !isFormer(row)), ...rows.filter(isFormer)],
      events: [...this.#events.all],
      ...this.#samples.length > 0 && { samples: [...this.#samples] },
    };
  }
}

/** Worker machines, each once: the processes may share them, so their lines and credits are added up. */
function nodesOf(seats: readonly SeatView[]): Pick<Snapshot, "nodes"> {
  const known = seats.flatMap(({ snapshot }) => snapshot?.nodes ?? []);
  if (seats.every(({ snapshot }) => snapshot?.nodes === undefined)) return {};
  const nodes = new Map<string, NodeShown>();
  for (const { name, lines, workers, credits } of known) {
    const sum = nodes.get(name);
    nodes.set(name, {
      name,
      lines: lines + (sum?.lines ?? 0),
      workers: Math.max(workers, sum?.workers ?? 0),
      credits: credits + (sum?.credits ?? 0),
    });
  }
  return { nodes: [...nodes.values()] };
}
