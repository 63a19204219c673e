/**
 * The life of a worker machine: it connects to its bus, starts its workers, and runs lines of servers until it
 * is told to stop.
 */

import { DescriptorReserve } from "../../descriptors.ts";
import { settingsOf } from "../../handlers/defaults.ts";
import { handlerUrl } from "../../handlers/mod.ts";
import { programWorkers } from "../../handlers/programs.ts";
import { Beat } from "../../half_sync/memory/leased_slot.ts";
import type { HandlerExports, JobSettings } from "../../half_sync/memory/messages.ts";
import { WorkerPool } from "../../half_sync/pool/worker_pool.ts";
import type { EventListener } from "../../observe/events.ts";
import type { Settings } from "../../option_check.ts";
import { reason } from "../../reason.ts";
import { connectBus } from "./connect_bus.ts";
import { Node } from "./node.ts";
import { longestIn } from "./protocol.ts";

/** The options of a server that a worker machine has as well. */
export type WorkSettings =
  & Pick<
    Settings,
    | "service"
    | "natsCreds"
    | "workers"
    | "handler"
    | "handlerArgs"
    | "permissions"
    | "jobTimeout"
    | "maxReply"
    | "maxHeap"
    | "bootTimeout"
    | "drainTimeout"
    | "maxAbandoned"
    | "signal"
  >
  & { nats: string; name: string };

/** The least time, in seconds, that handlers have for their `dispose`. */
const LEAST_DISPOSAL = 0.25;

/** A worker machine that is there for the servers of its service. */
export class WorkingNode {
  /** Resolves when it has left; rejects with the reason when it could not go on. */
  readonly finished: Promise<void>;
  readonly #settings: WorkSettings;
  readonly #node: Node;
  readonly #pool: WorkerPool;
  readonly #descriptors: DescriptorReserve;
  readonly #onEvent: EventListener;
  readonly #stop = Promise.withResolvers<void>();
  #reloading = Promise.resolve();
  #failure: Error | undefined;

  private constructor(
    settings: WorkSettings,
    parts: {
      node: Node;
      pool: WorkerPool;
      descriptors: DescriptorReserve;
      onEvent: EventListener;
    },
  ) {
    this.#settings = settings;
    this.#node = parts.node;
    this.#pool = parts.pool;
    this.#descriptors = parts.descriptors;
    this.#onEvent = parts.onEvent;
    this.#pool.failed.catch((error: Error) => {
      this.#failure = error;
      this.#stop.resolve();
    });
    settings.signal?.addEventListener("abort", () => this.#stop.resolve());
    if (settings.signal?.aborted) this.#stop.resolve();
    this.finished = this.#run();
  }

  /**
   * Starts it: it is there for the servers of its service when the promise resolves.
   *
   * @throws {Error} if its bus cannot be reached, or the handler cannot be loaded
   */
  static async start(settings: WorkSettings, onEvent: EventListener): Promise<WorkingNode> {
    const { service, name, workers, jobTimeout } = settings;
    const handler = handlerUrl(settings.handler);
    const made = programWorkers(settings, onEvent);
    const bus = (await connectBus(settings, `hsha work ${service}`))!; // its options name one
    const maxReply = Math.min(settings.maxReply, longestIn(bus.maxPayload));
    const facts = new HandlerFacts({ ...settings, maxReply }, onEvent);
    const descriptors = new DescriptorReserve();
    const beat = new Beat();
    let pool: WorkerPool | undefined;
    try {
      pool = await WorkerPool.start({
        ...settings,
        ...made,
        handler,
        descriptors,
        beat,
        settle: (exports) => facts.settle(exports),
        onEvent,
      });
      const { open, defaults } = facts.exports;
      const node = new Node({
        bus,
        service,
        facts: { name, workers, open, defaults, jobTimeout, maxReply },
        workers: pool,
        beat,
        onEvent,
      });
      const handlerName = String(settings.handler);
      onEvent({ type: "working", node: name, service, workers, handler: handlerName });
      return new WorkingNode(settings, { node, pool, descriptors, onEvent });
    } catch (error) {
      pool?.close();
      descriptors.close();
      await bus.close();
      throw error;
    }
  }

  /** Loads the handler anew, worker after worker, without losing a line. An event tells what came of it. */
  reload(): Promise<void> {
    return this.#reloading = this.#reloading.then(async () => {
      try {
        await this.#pool.reload();
        this.#onEvent({ type: "reloaded" });
      } catch (error) {
        this.#onEvent({ type: "reload_failed", reason: reason(error) });
      }
    });
  }

  /** Tells its counters as an event. */
  report(): void {
    const { fronts, lines } = this.#node;
    const { replacements, abandoned } = this.#pool;
    const replaced = Object.values(replacements).reduce((sum, times) => sum + times, 0);
    const { ran } = this;
    this.#onEvent({ type: "node_counters", fronts, lines, ran, replaced, abandoned });
  }

  /** Lines that it has run. */
  get ran(): number {
    return this.#pool.shown().reduce((sum, { lines }) => sum + lines, 0);
  }

  async #run(): Promise<void> {
    await this.#stop.promise;
    const begun = performance.now();
    const { fronts, lines } = this.#node;
    this.#onEvent({ type: "leaving", fronts, lines, reason: this.#failure?.message });
    await this.#node.leave(this.#settings.drainTimeout);
    await this.#node.close();
    const left = this.#settings.drainTimeout - (performance.now() - begun) / 1000;
    await this.#pool.dispose(Math.max(LEAST_DISPOSAL, left));
    this.#pool.close();
    this.#descriptors.close();
    this.#onEvent({ type: "left", ran: this.ran });
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** What the handler's module exported at the start, and how its jobs are run. */
class HandlerFacts {
  exports: HandlerExports = { open: false };
  readonly #settings: WorkSettings;
  readonly #onEvent: EventListener;
  /** What is told to fronts, and what the handler loaded last exports, as JSON. */
  #told: string | undefined;
  #latest: string | undefined;

  constructor(settings: WorkSettings, onEvent: EventListener) {
    this.#settings = settings;
    this.#onEvent = onEvent;
  }

  /** @throws {Error} if its defaults will not do, with the reason */
  settle({ open, defaults }: HandlerExports): JobSettings {
    settingsOf({}, defaults);
    const text = JSON.stringify({ open, defaults });
    if (this.#told === undefined) {
      this.exports = { open, defaults };
      this.#told = text;
    } else if (text !== this.#told && text !== this.#latest) {
      this.#onEvent({ type: "defaults_kept" });
    }
    this.#latest = text; // the next worker with these is no news
    const { jobTimeout, maxReply, maxHeap } = this.#settings;
    return { terminator: "\n", jobTimeout, maxReply, maxHeap, pinned: false };
  }
}
