/**
 * A node: a worker machine. It tells the fronts of its service that it is there, and has its workers run what
 * they send, by turns.
 */

import type { Beat } from "../../half_sync/memory/leased_slot.ts";
import type { EventListener } from "../../observe/events.ts";
import type { ExecutorSet } from "../../queueing/executor.ts";
import type { Bus } from "./bus.ts";
import { FrontLink } from "./front_link.ts";
import { divide } from "./grants.ts";
import { decode, encode, type Hello, type Message, newId, Subjects, VERSION } from "./protocol.ts";

/** Milliseconds between two looks at the leases. Each look tells the workers that they may go on. */
const LOOK = 20;

/** Milliseconds between two divisions of the workers. */
const DIVISION = 100;

/** Milliseconds from one hello to all fronts to the next. */
const HELLO = 1000;

/** A worker with more than this to do, in microseconds, is given nothing more. */
const MAX_LOAD = 1000;

/** What runs a node's lines. */
export interface LocalWorkers extends ExecutorSet {
  /** Takes back all lines that were not started. */
  recall(): void;
}

/** Options of a {@linkcode Node}. */
export interface NodeOptions {
  bus: Bus;
  service: string;
  /** What it tells of itself. */
  facts: Omit<Hello, "type" | "version" | "node">;
  workers: LocalWorkers;
  /** Tells the workers that this process goes on. */
  beat: Beat;
  onEvent: EventListener;
}

/** A worker machine at work. */
export class Node {
  readonly #options: NodeOptions;
  readonly #hello: Hello;
  readonly #subjects: Subjects;
  /** The links by their IDs, in the order of their turns. */
  readonly #links = new Map<string, FrontLink>();
  readonly #timer: ReturnType<typeof setInterval>;
  #looks = 0;
  #leaving = false;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { bus, service, facts, workers, beat } = options;
    const subjects = this.#subjects = new Subjects(service);
    this.#hello = { type: "hello", version: VERSION, node: newId(), ...facts };
    workers.onRoom = () => this.#dispatch();
    bus.onChange = (reason) => this.#changed(reason);
    bus.subscribe(subjects.node(this.#hello.node), (bytes) => this.#take(bytes));
    bus.subscribe(subjects.fronts, () => this.#greet());
    beat.beat(performance.now());
    this.#timer = setInterval(() => this.#look(), LOOK);
    this.#greet();
  }

  /** Fronts whose lines it runs. */
  get fronts(): number {
    return this.#links.size;
  }

  /** Lines that it has. */
  get lines(): number {
    let lines = 0;
    for (const link of this.#links.values()) lines += link.lines;
    return lines;
  }

  /**
   * Takes no new front, and runs what it has. Resolves when no front needs it any more, or so many seconds
   * are over.
   */
  async leave(seconds: number): Promise<void> {
    this.#leaving = true;
    this.#empty = Promise.withResolvers();
    for (const link of this.#links.values()) link.leave();
    if (this.#links.size === 0) this.#empty.resolve();
    const timer = setTimeout(this.#empty.resolve, seconds * 1000);
    await this.#empty.promise;
    clearTimeout(timer);
  }

  /** Ends at once: what it has is lost. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const link of [...this.#links.values()]) link.end();
    await this.#options.bus.close();
  }

  #greet(): void {
    if (!this.#leaving) this.#send(this.#subjects.nodes, this.#hello);
  }

  #changed(reason: string | undefined): void {
    const { onEvent } = this.#options;
    if (reason === undefined) {
      onEvent({ type: "nats_found" });
      return this.#greet();
    }
    onEvent({ type: "nats_lost", reason });
    // Nobody would hear what becomes of its lines now: their leases run out.
  }

  #take(bytes: Uint8Array | undefined): void {
    const message = bytes === undefined ? undefined : decode(bytes);
    if (message === undefined) return;
    const { head, rest } = message;
    switch (head.type) {
      case "open":
        return this.#open(head);
      case "refuse":
        return this.#options.onEvent({ type: "front_refused", reason: head.reason });
      case "ping":
      case "batch":
      case "bye":
        // A message for a link that has ended comes too late: its front has been told.
        return this.#links.get(head.link)?.take(head, rest);
    }
  }

  #open(open: Extract<Message, { type: "open" }>): void {
    if (this.#leaving || this.#links.has(open.link)) return;
    const { bus } = this.#options;
    const link = new FrontLink({
      open,
      bus,
      subjects: this.#subjects,
      onBatch: () => this.#dispatch(),
      recall: () => this.#options.workers.recall(),
      ended: (link) => this.#ended(link),
    });
    this.#links.set(link.id, link);
    this.#divide();
  }

  #ended(link: FrontLink): void {
    this.#links.delete(link.id);
    this.#divide();
    if (this.#links.size === 0) this.#empty?.resolve();
  }

  /** Looks at all leases, and only then tells the workers to go on. */
  #look(): void {
    const now = performance.now();
    for (const link of [...this.#links.values()]) link.look(now, this.#leaving);
    this.#options.beat.beat(now);
    this.#looks++;
    if (this.#looks % (DIVISION / LOOK) === 0) this.#divide();
    if (this.#looks % (HELLO / LOOK) === 0) this.#greet();
  }

  #divide(): void {
    const links = [...this.#links.values()];
    if (links.length === 0) return;
    divide(this.#hello.workers, links);
    for (const link of links) link.peak = link.batches;
  }

  /** Gives each worker that can take one a batch; the fronts take turns. */
  #dispatch(): void {
    const { workers } = this.#options;
    for (;;) {
      const worker = workers.idle() ?? workers.leastBusy(MAX_LOAD);
      const batch = worker && this.#next();
      if (worker === undefined || batch === undefined) return;
      worker.send(batch);
    }
  }

  #next() {
    for (const [id, link] of [...this.#links]) {
      const batch = link.next();
      if (batch === undefined) continue;
      this.#links.delete(id); // its next turn comes behind those of all others
      this.#links.set(id, link);
      return batch;
    }
  }

  #send(subject: string, message: Message): void {
    const { bus } = this.#options;
    if (!bus.connected) return;
    try {
      bus.publish(subject, encode(message));
    } catch {
      // it is closed for good
    }
  }
}
