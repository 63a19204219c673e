/**
 * The server: wires the three layers of Half-Sync/Half-Async together, runs them, and stops them. A line goes
 * half_async → queueing → half_sync, and its reply comes back the same way. The pattern's reactor is Deno's
 * event loop, in the isolate that runs this module.
 */

import type { DescriptorReserve } from "./descriptors.ts";
import { acceptLoop } from "./half_async/acceptor.ts";
import { ConnectionSet } from "./half_async/connection_set.ts";
import type { Entrance } from "./half_async/entrance.ts";
import type { Secure } from "./half_async/tls_behind_proxy.ts";
import { newCounters } from "./observe/counters.ts";
import type { Counters } from "./observe/events.ts";
import type { LineTimes } from "./observe/line_times.ts";
import type { Monitor } from "./observe/monitor.ts";
import { ORDERS } from "./orders.ts";
import { Dispatcher } from "./queueing/dispatcher.ts";
import { JobQueue } from "./queueing/job_queue.ts";
import { messageOf } from "./reason.ts";
import type { Runners } from "./runners.ts";
import type { Service } from "./service.ts";

/** A running server. It has the shape of Deno's own `Deno.HttpServer`. */
export interface Server extends AsyncDisposable {
  /** The address it listens on. */
  readonly addr: Deno.Addr;
  /** The address of the metrics and the live page, with the option `web`. */
  readonly webAddr: Deno.NetAddr | undefined;
  /**
   * Resolves when the server has stopped; rejects with the reason if it could not go on. A job that cannot be
   * stopped keeps the process alive even then, so a program that has to end calls `Deno.exit`.
   */
  readonly finished: Promise<void>;
  /** What became of the lines so far: a copy that does not change any more. */
  readonly counters: Readonly<Counters>;
  /**
   * Stops, after all lines accepted are answered or the drain timeout is over. Resolves when it has stopped.
   */
  shutdown(): Promise<void>;
  /**
   * Loads the handler anew, worker after worker, without losing a line.
   *
   * @throws {Error} if it cannot be loaded; the old handler stays
   */
  reload(): Promise<void>;
  /** Tells the counters and how long lines took, as an event, for the log for example. */
  report(): void;
  /** Has the listener keep the process alive, as it does by default. */
  ref(): void;
  /**
   * Has the listener not keep the process alive. The workers still do until the server stops: Deno has no
   * `unref` for Web Workers.
   */
  unref(): void;
}

/** Seconds that a handler always has for its `dispose`, however long the stop has taken. */
const LEAST_DISPOSAL = 0.25;

/** What a server is made of. */
export interface ServerParts {
  service: Service;
  listener: Entrance;
  pool: Runners;
  descriptors: DescriptorReserve;
  secure: Secure | undefined;
  times: LineTimes;
  monitor?: Monitor;
}

/** A server that listens, and whose workers are ready. */
export class LineServer implements Server {
  readonly addr: Deno.Addr;
  readonly webAddr: Deno.NetAddr | undefined;
  readonly finished: Promise<void>;
  /** The connections' counters; the pool keeps its own. */
  readonly #counters = newCounters();
  /** How long lines took so far. */
  readonly times: LineTimes;
  readonly #parts: ServerParts;
  readonly #settings: Service["settings"];
  readonly #queue: JobQueue;
  readonly #connections: ConnectionSet;
  #stopping = false;
  /** Aborts when no more connections are accepted. */
  readonly #closed = new AbortController();
  /** The reload under way or the last one, and the one that waits for it. */
  #reloading = Promise.resolve();
  #nextReload: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(parts: ServerParts) {
    const { service, listener, pool, secure, times, monitor } = parts;
    const { settings, terminator } = service;
    const { serial, pinned } = ORDERS[settings.order];
    this.addr = listener.addr;
    this.webAddr = monitor?.page?.addr;
    this.times = times;
    this.#parts = parts;
    this.#settings = settings;
    this.#queue = new JobQueue({
      limit: settings.queueLimit,
      serial,
      capacity: pool.capacity,
      observer: times,
    });
    new Dispatcher(this.#queue, pool);
    this.#connections = new ConnectionSet({
      ...settings,
      parallel: pool.parallel,
      terminator,
      secure,
      lane: () => pinned ? this.#queue.pinned.leastLane(pool.all) : undefined,
      greets: () => service.greets,
      queue: this.#queue,
      counters: this.#counters,
    });
    monitor?.serves({
      addr: this.addr,
      settings,
      counters: () => this.counters,
      queue: this.#queue,
      connections: this.#connections,
      pool,
    });
    this.finished = this.#run(settings.signal);
    pool.failed.catch((error: Error) => {
      this.#failure = error;
      void this.shutdown();
    });
  }

  get counters(): Counters {
    const { replacements, abandoned } = this.#parts.pool;
    const replaced = Object.values(replacements).reduce((sum, times) => sum + times, 0);
    return { ...this.#counters, replaced, abandoned };
  }

  async shutdown(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true; // first, as a listener of the event below may call `shutdown` again
      const { listener, monitor } = this.#parts;
      void listener.emptied().then(() => {
        this.#closed.abort();
        listener.close();
      });
      this.#settings.onEvent({
        type: "stopping",
        reason: this.#failure?.message,
        connections: this.#connections.size,
        unanswered: this.#queue.unanswered,
      });
      monitor?.stops();
    }
    await this.finished.catch(() => {}); // a failure is for those who wait for `finished`
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** A call during a reload loads the handler again after it; several calls, only once. */
  reload(): Promise<void> {
    this.#nextReload ??= this.#reloading.then(() => {
      this.#nextReload = undefined;
      const done = this.#reload();
      this.#reloading = done.catch(() => {});
      return done;
    });
    return this.#nextReload;
  }

  report(): void {
    this.#settings.onEvent({
      type: "counters",
      connections: this.#connections.size,
      unanswered: this.#queue.unanswered,
      counters: this.counters,
      times: this.times.inBrief(),
    });
  }

  ref(): void {
    this.#parts.listener.ref();
  }

  unref(): void {
    this.#parts.listener.unref();
  }

  async #reload(): Promise<void> {
    if (this.#stopping) return;
    try {
      await this.#parts.pool.reload();
    } catch (error) {
      if (this.#stopping) return;
      const reason = messageOf(error);
      this.#settings.onEvent({ type: "reload_failed", reason });
      throw error;
    }
    if (this.#stopping) return; // the stop has cut it short
    this.#settings.onEvent(
      this.#settings.tls !== undefined
        ? { type: "reloaded", certificate: "kept" }
        : { type: "reloaded" },
    );
  }

  async #run(signal: AbortSignal | undefined): Promise<void> {
    const stop = () => void this.shutdown();
    signal?.addEventListener("abort", stop);
    const { listener, descriptors } = this.#parts;
    await acceptLoop(listener, {
      serve: (conn) => this.#connections.add(conn),
      onEvent: this.#settings.onEvent,
      descriptors,
      signal: this.#closed.signal,
    });
    await this.#drain();
    signal?.removeEventListener("abort", stop);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #drain(): Promise<void> {
    const { pool, descriptors, monitor } = this.#parts;
    const { drainTimeout } = this.#settings;
    const begun = performance.now();
    const late = Promise.withResolvers<void>();
    const deadline = setTimeout(() => {
      this.#connections.abort("the server stops");
      late.resolve();
    }, drainTimeout * 1000);
    await this.#connections.end();
    await Promise.race([this.#queue.pinned.whenUnpinned(), late.promise]); // each `close` has run
    clearTimeout(deadline);
    const left = drainTimeout - (performance.now() - begun) / 1000;
    await pool.dispose(Math.max(LEAST_DISPOSAL, left));
    pool.close();
    descriptors.close();
    this.#settings.onEvent({ type: "stopped", counters: this.counters });
    await monitor?.end();
  }
}
