/**
 * The server: wires the three layers of Half-Sync/Half-Async together, and starts and stops them.
 *
 * The reactor of the pattern is Deno's event loop, in the isolate that runs this module. A line goes
 * half_async → queueing → half_sync, and its reply comes back the same way.
 */

import { DescriptorReserve } from "./descriptors.ts";
import type { Counters, EventListener } from "./events.ts";
import { acceptLoop } from "./half_async/acceptor.ts";
import { ConnectionSet } from "./half_async/connection_set.ts";
import { Listener } from "./half_async/listener.ts";
import { type Secure, tlsBehindProxy } from "./half_async/tls_behind_proxy.ts";
import { handlerUrl } from "./half_sync/handlers.ts";
import { WorkerPool } from "./half_sync/pool.ts";
import { resolveOptions, type Settings } from "./option_table.ts";
import type { ServeOptions } from "./options.ts";
import { Dispatcher } from "./queueing/dispatcher.ts";
import { JobQueue } from "./queueing/job_queue.ts";

/** A running server, in the shape of Deno's own `Deno.HttpServer`. */
export interface Server extends AsyncDisposable {
  /** The address it listens on. */
  readonly addr: Deno.Addr;
  /** Settles when it has stopped; rejects with the reason when it could not go on. */
  readonly finished: Promise<void>;
  /** What became of the lines so far. */
  readonly counters: Readonly<Counters>;
  /** Answers every line accepted, within the drain timeout, and stops. Resolves when it has. */
  shutdown(): Promise<void>;
  /** Tells the counters as an event, and so to the log. */
  report(): void;
  /** Keeps the process alive while it listens; so it does by default. */
  ref(): void;
  /**
   * The listener keeps the process alive no longer. The workers still do, until the server stops:
   * Deno has no `unref` for Web Workers.
   */
  unref(): void;
}

/**
 * Starts a server. It listens, and its workers are ready, when the promise resolves.
 *
 * @example Ask it one line
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { serve } from "./mod.ts";
 *
 * await using server = await serve({ port: 0, workers: 1 });
 * const { port } = server.addr as Deno.NetAddr;
 * const conn = await Deno.connect({ port });
 * await conn.write(new TextEncoder().encode("hello\n"));
 * const reply = new Uint8Array(80);
 * const length = await conn.read(reply);
 * assertEquals(new TextDecoder().decode(reply.subarray(0, length!)), "1 hello\n");
 * conn.close();
 * ```
 *
 * @param options Every one may be left out.
 * @returns the server, running
 * @throws {TypeError} if an option is unknown or of the wrong type, or no such handler is built in
 * @throws {RangeError} if an option's value is out of its range
 * @throws {Error} if the handler cannot be loaded, or the address is not to be had
 * @throws the reason of `signal`, if it has aborted before the call
 * @throws whatever `onListen` throws, or `onEvent` when it is told that the server listens
 */
export async function serve(options: ServeOptions = {}): Promise<Server> {
  const resolved = resolveOptions(options);
  const { onEvent: listen = () => {} } = resolved;
  const onEvent = guarded(listen);
  const settings = { ...resolved, onEvent };
  const terminator = settings.newline === "crlf" ? "\r\n" : "\n";
  settings.signal?.throwIfAborted();
  const secure = await tlsBehindProxy(settings);
  const listener = await Listener.open(settings);
  const descriptors = new DescriptorReserve();
  let pool: WorkerPool | undefined;
  try {
    const handler = handlerUrl(settings.handler);
    pool = await WorkerPool.start({ ...settings, terminator, descriptors, handler });
    const { onListen, workers, signal } = settings;
    if (!signal?.aborted) { // which it may be by now
      const { addr } = listener;
      onListen?.(addr);
      listen({ type: "listening", addr, workers, handler: String(settings.handler) });
    }
    const server = new LineServer(settings, { listener, pool, terminator, descriptors, secure });
    if (signal?.aborted) await server.shutdown();
    return server;
  } catch (error) {
    pool?.close();
    descriptors.close();
    listener.close();
    throw error;
  }
}

/** Options, all of them there, with a listener that may be told of anything at any time. */
type ServerSettings = Settings & { onEvent: EventListener };

/** What a server is made of, beside its settings. */
interface Parts {
  listener: Listener;
  pool: WorkerPool;
  terminator: string;
  descriptors: DescriptorReserve;
  secure: Secure | undefined;
}

class LineServer implements Server {
  readonly addr: Deno.Addr;
  readonly finished: Promise<void>;
  readonly counters: Counters;
  readonly #listener: Listener;
  readonly #pool: WorkerPool;
  readonly #queue: JobQueue;
  readonly #connections: ConnectionSet;
  readonly #descriptors: DescriptorReserve;
  readonly #drainTimeout: number;
  readonly #onEvent: EventListener;
  readonly #stop = new AbortController();
  #failure: Error | undefined;

  constructor(
    settings: ServerSettings,
    { listener, pool, terminator, descriptors, secure }: Parts,
  ) {
    this.addr = listener.addr;
    this.counters = newCounters(pool);
    this.#listener = listener;
    this.#pool = pool;
    this.#descriptors = descriptors;
    this.#drainTimeout = settings.drainTimeout;
    this.#onEvent = settings.onEvent;
    this.#queue = new JobQueue({ limit: settings.queueLimit, serial: settings.order === "serial" });
    new Dispatcher(this.#queue, pool);
    this.#connections = new ConnectionSet({
      ...settings,
      parallel: settings.workers,
      terminator,
      secure,
      queue: this.#queue,
      counters: this.counters,
    });
    this.finished = this.#run(settings.signal);
    pool.failed.catch((error: Error) => {
      this.#failure = error;
      void this.shutdown();
    });
  }

  async shutdown(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort(); // first of all: whoever hears of the stop may ask for it again
      this.#listener.close();
      this.#onEvent({
        type: "stopping",
        reason: this.#failure?.message,
        connections: this.#connections.size,
        unanswered: this.#queue.unanswered,
      });
    }
    await this.finished.catch(() => {}); // the failure is told by `finished`
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  report(): void {
    this.#onEvent({
      type: "counters",
      connections: this.#connections.size,
      unanswered: this.#queue.unanswered,
      counters: { ...this.counters },
    });
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }

  async #run(signal: AbortSignal | undefined): Promise<void> {
    const stop = () => void this.shutdown();
    signal?.addEventListener("abort", stop);
    await acceptLoop(this.#listener, {
      serve: (conn) => this.#connections.add(conn),
      onEvent: this.#onEvent,
      lent: () => this.#descriptors.lent,
      hold: () => this.#descriptors.wanting,
      signal: this.#stop.signal,
    });
    await this.#drain();
    signal?.removeEventListener("abort", stop);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #drain(): Promise<void> {
    const reason = "the server stops";
    const deadline = setTimeout(() => this.#connections.abort(reason), this.#drainTimeout * 1000);
    await this.#connections.end();
    clearTimeout(deadline);
    this.#pool.close();
    this.#descriptors.close();
    this.#onEvent({ type: "stopped", counters: { ...this.counters } });
  }
}

/** A listener whose exceptions are its own: they are uncaught, and get in nobody's way. */
function guarded(listen: EventListener): EventListener {
  return (event) => {
    try {
      listen(event);
    } catch (error) {
      reportError(error);
    }
  };
}

/** Counters at zero; those of the pool are read from it. */
function newCounters(pool: WorkerPool): Counters {
  return {
    accepted: 0,
    answered: 0,
    failed: 0,
    gone: 0,
    connections: 0,
    refused: 0,
    discarded: 0,
    get replaced() {
      return pool.replaced;
    },
    get abandoned() {
      return pool.abandoned;
    },
  };
}
