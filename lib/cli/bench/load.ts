/**
 * The load that one thread puts on a server: its connections, the phases they go through together,
 * and the clock of an open loop.
 */

import { Failure } from "../failure.ts";
import { connectTo, type Endpoint } from "../endpoint.ts";
import { FINE_RESOLUTION, Histogram } from "../../observe/histogram.ts";
import { LoadConnection } from "./load_connection.ts";
import { LoadStats } from "./load_stats.ts";
import { Pace } from "./pace.ts";

/** What a thread is to do. */
export interface LoadPlan {
  endpoint: Endpoint;
  /** Connections of this thread. */
  connections: number;
  /** Number of the first of them. */
  firstConnection: number;
  /** The most lines under way on each connection. */
  window: number;
  /** Bytes of a line without its end. */
  size: number;
  expect: "echo" | "none";
  /** Lines per second of an open loop, over all connections of this thread. Absent: closed loop. */
  rate?: number;
  warmupSeconds: number;
  durationSeconds: number;
}

/** Seconds for which replies are waited for after the end. */
const DRAIN_SECONDS = 5;
/** The same after Ctrl-C, when somebody waits. */
const HASTY_DRAIN_SECONDS = 0.5;
/** Connections that are being opened at once: fewer than a listener's usual backlog of 128. */
const OPENING = 64;

/** Connections to one server, ready to send. */
export class Load {
  readonly #plan: LoadPlan;
  readonly #stats = new LoadStats();
  readonly #connections: LoadConnection[] = [];
  readonly #stop = Promise.withResolvers<void>();
  #stopped = false;
  /** The clock of an open loop. */
  #pace: Pace | undefined;

  private constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  /**
   * Opens the connections of a plan.
   *
   * @throws {Failure} One of them cannot be opened.
   */
  static async open(plan: LoadPlan): Promise<Load> {
    const load = new Load(plan);
    if (plan.rate !== undefined) await load.#openPace(plan.rate);
    for (let first = 0; first < plan.connections; first += OPENING) {
      const count = Math.min(OPENING, plan.connections - first);
      const opening = Array.from({ length: count }, (_, i) => load.#open(first + i));
      const results = await Promise.allSettled(opening);
      const failed = results.find(({ status }) => status === "rejected");
      if (failed?.status !== "rejected") continue;
      load.#close();
      throw failed.reason;
    }
    return load;
  }

  /** Right replies counted so far. */
  get lines(): number {
    return this.#stats.lines;
  }

  /** Ends the time of the plan now. */
  stop(): void {
    this.#stopped = true;
    this.#stop.resolve();
  }

  /** Sends for the time of the plan, and waits for the last replies. */
  async run(): Promise<LoadStats> {
    const { warmupSeconds, durationSeconds } = this.#plan;
    this.#pace?.start();
    const ends = Promise.all(this.#connections.map((connection) => connection.run()));
    const over = Promise.race([ends, this.#stop.promise]);
    await within(warmupSeconds, over);
    const start = performance.now();
    this.#stats.lateness = new Histogram(FINE_RESOLUTION);
    for (const connection of this.#connections) connection.counting = "all";
    await within(durationSeconds, over);
    this.#stats.seconds = (performance.now() - start) / 1000;
    this.#pace?.stop();
    const stopped = performance.now();
    for (const connection of this.#connections) connection.stop(stopped);
    await within(this.#stopped ? HASTY_DRAIN_SECONDS : DRAIN_SECONDS, ends);
    const ended = performance.now();
    for (const connection of this.#connections) connection.countRest(ended);
    this.#close();
    return this.#stats;
  }

  async #openPace(rate: number): Promise<void> {
    const connections = this.#connections;
    const due = (from: number, to: number) => {
      // The lines go to the connections in turn.
      for (let line = from; line < to; line++) connections[line % connections.length].allowOne();
      const last = Math.min(to, from + connections.length);
      for (let line = from; line < last; line++) connections[line % connections.length].flush();
    };
    this.#pace = await Pace.open({ rate, stats: this.#stats, due });
  }

  async #open(index: number): Promise<void> {
    const { endpoint, firstConnection, size, window, expect, connections } = this.#plan;
    const number = firstConnection + index;
    let wire;
    try {
      wire = await connectTo(endpoint);
    } catch (error) {
      if (number === 0 || !(error instanceof Failure)) throw error;
      throw new Failure(`${error.message}, at connection ${number + 1}`);
    }
    const pace = this.#pace;
    const dueAt = pace && ((n: number) => pace.dueAt(n * connections + index));
    const exchange = { connection: number, size, window, expect, dueAt };
    this.#connections[index] = new LoadConnection(wire, { stats: this.#stats, exchange });
  }

  #close(): void {
    this.#pace?.stop();
    for (const connection of this.#connections) connection?.close();
  }
}

/** Waits for a promise, but no longer than so many seconds. */
async function within(seconds: number, promise: Promise<unknown>): Promise<void> {
  let timer;
  const time = new Promise((resolve) => timer = setTimeout(resolve, seconds * 1000));
  await Promise.race([promise, time]);
  clearTimeout(timer);
}
