/**
 * Supervisor of server processes that share a port: starts and replaces them, and has them stop, reload
 * and tell their counters. It serves no line itself.
 */

import type { EventListener } from "../observe/events.ts";
import { inBrief } from "../observe/line_times.ts";
import type { Snapshot, TimesShown } from "../observe/snapshot.ts";
import type { Audience } from "../observe/web/protocol.ts";
import type { LifeEvent } from "./messages.ts";
import { Seat } from "./seat.ts";
import type { SupervisedProcess } from "./server_process.ts";
import type { ServiceView } from "./service_view.ts";
import { Tally } from "./tally.ts";

/** Options of a {@linkcode Supervisor}. */
export interface SupervisorOptions {
  /** How many processes. */
  processes: number;
  /** Starts the process of this number, 1…N. `tell` hears of its life, `show` takes its snapshots. */
  launch: (
    number: number,
    tell: (event: LifeEvent, times?: TimesShown) => void,
    show: (snapshot: Snapshot) => void,
  ) => SupervisedProcess;
  /** Shows the service, where there is a page for it. */
  view?: ServiceView;
  /** Seconds that a stop waits before it kills the processes that are left. */
  stopTimeout: number;
  /** Called once: all processes listen. */
  onListen: () => void;
  onEvent: EventListener;
}

/** Milliseconds from one look at the counters to the next: so most counts of a killed process are known. */
const LOOK = 1000;

/** Milliseconds that a process may take to tell its counters when somebody asks. */
const ANSWER = 1000;

/** So many failed starts in a row end the service, if no process listens. */
const TRIES = 5;

/** A service of several processes. */
export class Supervisor {
  /** Settles when all processes have ended; rejects with a `ServiceFailure` if none can be kept. */
  readonly finished: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #seats: Seat[];
  /** Every process that has not ended; a seat's former one may still answer its last lines. */
  readonly #running = new Set<SupervisedProcess>();
  readonly #tally = new Tally();
  readonly #stop = new AbortController();
  /** Whether all processes have listened. */
  #started = false;
  /** The event by which the last one said so. */
  #listening: LifeEvent | undefined;
  #reloading = Promise.resolve();
  #reloadIsDue = false;
  /** Whether the processes are to follow single lines. */
  #follows = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.processes }, (_, index) =>
      new Seat({
        number: index + 1,
        launch: (number) => this.#launch(number),
        onListen: () => this.#listens(),
        onEvent: options.onEvent,
        isVital: (failures) => !this.#started || failures >= TRIES && this.listening === 0,
      }));
    this.finished = this.#run();
  }

  /** How many processes take connections. */
  get listening(): number {
    return this.#seats.filter(({ process }) => process !== undefined).length;
  }

  /** Has every process answer its lines and end. */
  shutdown(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    if (this.#options.view !== undefined) this.#options.view.state = "stopping";
    const { connections, unanswered } = this.#tally.total;
    if (this.#started) this.#options.onEvent({ type: "stopping", connections, unanswered });
    this.#end();
  }

  /** Ends every process at once. */
  kill(): void {
    for (const process of this.#running) process.kill();
  }

  /** Has one process after the other load the handler anew, until one cannot. One reload follows another. */
  reload(): void {
    if (this.#reloadIsDue) return;
    this.#reloadIsDue = true;
    this.#reloading = this.#reloading.then(() => {
      this.#reloadIsDue = false;
      return this.#reload();
    });
  }

  /** The audience of the page has changed. */
  watched(by: Audience): void {
    const follows = by === "slow motion";
    if (follows === this.#follows) return;
    this.#follows = follows;
    for (const process of this.#running) process.send(follows ? "follow" : "unfollow");
  }

  /** Tells the sum of the counters. */
  async report(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ANSWER);
    const answers = [...this.#running].map((process) => process.next("counters", "stopped"));
    for (const process of this.#running) process.send("report");
    await Promise.race([Promise.all(answers), late]);
    clearTimeout(timer);
    const { times, ...total } = this.#tally.total;
    const event = { type: "counters", ...total, processes: this.listening } as const;
    this.#options.onEvent(times === undefined ? event : { ...event, times: inBrief(times) });
  }

  async #run(): Promise<void> {
    const look = setInterval(() => {
      for (const { process } of this.#seats) process?.send("report");
    }, LOOK);
    try {
      await Promise.all(this.#seats.map((seat) => seat.keep(this.#stop.signal)));
    } catch (error) {
      this.#stop.abort();
      this.#end();
      throw error;
    } finally {
      clearInterval(look);
      await Promise.all([...this.#running].map(({ ended }) => ended));
      clearTimeout(this.#deadline);
      const { counters } = this.#tally.total;
      if (this.#started) this.#options.onEvent({ type: "stopped", counters });
    }
  }

  #launch(number: number): SupervisedProcess {
    const { view } = this.#options;
    const process = this.#options.launch(number, (event, times) => {
      if (event.type === "listening") this.#listening = event;
      if (event.type === "counters") {
        const { connections, unanswered, counters } = event;
        this.#tally.hear(process, { connections, unanswered, counters, times });
      }
      if (event.type === "stopped") {
        this.#tally.hear(process, { connections: 0, unanswered: 0, counters: event.counters });
      }
      // The log must say that one process has another handler than the rest.
      if (event.type === "reload_failed") this.#options.onEvent({ ...event, process: number });
    }, (snapshot) => {
      // From its first snapshot on it can hear orders.
      if (this.#follows && snapshot.state === "starting") process.send("follow");
      view?.hear(process, number, snapshot);
    });
    view?.join(process, number, process.pid);
    this.#running.add(process);
    void process.ended.then(() => {
      this.#running.delete(process);
      this.#tally.close(process);
      view?.close(process, number);
    });
    return process;
  }

  #listens(): void {
    if (this.#started || this.listening < this.#seats.length) return;
    this.#started = true;
    this.#options.onListen();
    const { processes, onEvent, view } = this.#options;
    if (view?.state === "starting") view.state = "ready";
    if (this.#listening?.type === "listening") onEvent({ ...this.#listening, processes });
  }

  async #reload(): Promise<void> {
    for (const { process } of this.#seats) {
      if (process === undefined) continue; // its successor loads the new handler anyway
      const outcome = process.next("reloaded", "reload_failed");
      process.send("reload");
      if ((await outcome)?.type === "reload_failed" || this.#stop.signal.aborted) return;
    }
    this.#options.onEvent({ type: "reloaded", processes: this.listening });
  }

  /** Stops every process that runs. */
  #end(): void {
    this.#deadline ??= setTimeout(() => this.kill(), this.#options.stopTimeout * 1000);
    const listening = new Set(this.#seats.map(({ process }) => process));
    for (const process of this.#running) {
      process.send("stop");
      // One that does not listen yet has no line to answer, and may be long in hearing the order.
      if (!this.#started && !listening.has(process)) process.kill();
    }
  }
}
