/**
 * The front: a server whose lines nodes run. It finds the nodes of its service, and keeps a link to each. To
 * the dispatcher it is the set of their workers. While the bus or every node is away, it tells clients so.
 */

import type { EventListener } from "../../observe/events.ts";
import type { NodeShown } from "../../observe/snapshot.ts";
import type { Executor, ExecutorSet } from "../../queueing/executor.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_LINES } from "../../half_sync/memory/batch_slot.ts";
import type { Bus } from "./bus.ts";
import { BusWatch } from "./bus_watch.ts";
import { type LinkEnd, NodeLink } from "./node_link.ts";
import { RemoteWorkers } from "./remote_workers.ts";
import {
  decode,
  encode,
  type Hello,
  isFit,
  longestIn,
  type Message,
  newId,
  PING,
  Subjects,
} from "./protocol.ts";
import { Refuser } from "./refuser.ts";
import type { ReplyForm } from "./remote_batch.ts";

/** Milliseconds that lines wait when there is no node; then they are refused until there is one. */
const PATIENCE = 10_000;

/** The most bytes that a run takes in a message's head. */
const RUN_HEAD = 512;

/** What stands in the place of a link's ID in messages of the front to itself. */
const SELF = "self";

/** Options of a {@linkcode Front}. */
export interface FrontOptions {
  bus: Bus;
  service: string;
  /** What IDs of this server's connections begin with. */
  process: string;
  form: () => ReplyForm;
  /** What keeps a node from serving here; `undefined` if nothing does. */
  suits: (hello: Hello) => string | undefined;
  /** Whether only nodes run its lines. */
  alone: boolean;
  onEvent: EventListener;
}

/** The nodes of one service, as a server sees them. */
export class Front implements Omit<ExecutorSet, "onLost" | "whenUnpinned"> {
  onRoom: () => void = () => {};
  readonly capacity: ExecutorSet["capacity"];
  readonly #options: FrontOptions;
  readonly #id = newId();
  readonly #subjects: Subjects;
  readonly #refuser: Refuser;
  /** The links by their IDs, and by the IDs of their nodes. */
  readonly #links = new Map<string, NodeLink>();
  readonly #nodes = new Map<string, NodeLink>();
  /** Nodes that do not suit. */
  readonly #refused = new Set<string>();
  readonly #known = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setInterval>;
  #nextId = 1;
  readonly #watch: BusWatch;
  readonly #workers = new RemoteWorkers();
  #lookedAt = performance.now();
  /** Milliseconds for which there has been no node. */
  #lonely = 0;
  #closed = false;

  constructor(options: FrontOptions) {
    this.#options = options;
    const { bus, service, form, onEvent } = options;
    const longest = longestIn(bus.maxPayload);
    this.capacity = {
      lines: Math.max(1, Math.min(MAX_BATCH_LINES, Math.floor(longest / 2 / RUN_HEAD))),
      bytes: Math.min(MAX_BATCH_BYTES, Math.floor(longest / 2)),
    };
    this.#subjects = new Subjects(service);
    this.#refuser = new Refuser(form);
    this.#watch = new BusWatch(onEvent, () => {
      this.#call();
      this.onRoom();
    });
    bus.onChange = (reason) => this.#changed(reason);
    for (const subject of [this.#subjects.nodes, this.#subjects.front(this.#id)]) {
      bus.subscribe(subject, (bytes, subject) => this.#take(bytes, subject));
    }
    this.#timer = setInterval(() => this.#look(), PING);
    this.#call();
  }

  /** Resolves when there is a node that suits. */
  get known(): Promise<void> {
    return this.#known.promise;
  }

  get idleCount(): number {
    return this.#workers.idleCount;
  }

  idle(): Executor | undefined {
    return this.#workers.idle() ?? this.#lastResort;
  }

  leastBusy(load: number): Executor | undefined {
    return this.#workers.leastBusy(load);
  }

  get all(): readonly Executor[] {
    return this.#workers.all;
  }

  /** The nodes, as they are shown. */
  shown(): NodeShown[] {
    return [...this.#links.values()].map(({ hello, lines, grant, open }) => ({
      name: hello.name,
      workers: hello.workers,
      credits: open ? grant : 0,
      lines,
    }));
  }

  /** Lets go of all nodes. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const link of [...this.#links.values()]) link.close();
    await this.#options.bus.close();
  }

  /** What answers lines when nothing runs them. */
  get #lastResort(): Executor | undefined {
    const { alone, bus } = this.#options;
    if (!alone || this.#closed) return undefined;
    if (this.#watch.away) {
      return this.#refuser.because(`${bus.name} cannot be reached, nor any worker machine`);
    }
    if (this.#lonely < PATIENCE) return undefined;
    return this.#refuser.because("there is no worker machine");
  }

  #look(): void {
    const now = performance.now();
    // While this process stood still it did not listen: such time counts for little.
    const passed = Math.min(now - this.#lookedAt, 2 * PING);
    this.#lookedAt = now;
    this.#watch.pass(passed);
    for (const link of [...this.#links.values()]) link.look(now);
    this.#lonely = this.#isServed ? 0 : this.#lonely + passed;
    this.#send(this.#subjects.front(this.#id, SELF, 0), { type: "echo", at: now });
    if (this.#lastResort !== undefined) this.onRoom();
  }

  get #isServed(): boolean {
    for (const { open } of this.#links.values()) if (open) return true;
    return false;
  }

  #changed(reason: string | undefined): void {
    if (reason !== undefined) return this.#watch.lost(reason);
    this.#call(); // the echo will tell that the bus is back
    this.#look();
  }

  /** Asks which nodes there are. */
  #call(): void {
    this.#send(this.#subjects.fronts, { type: "call" });
  }

  #send(subject: string, message: Message): void {
    const { bus } = this.#options;
    if (!bus.connected || this.#closed) return;
    try {
      bus.publish(subject, encode(message));
    } catch {
      // closed for good: the silence tells it
    }
  }

  #take(bytes: Uint8Array | undefined, subject: string): void {
    if (this.#closed) return;
    if (bytes === undefined) {
      const [, , , , link, batch] = subject.split(".");
      return this.#links.get(link)?.unheard(Number(batch));
    }
    const message = decode(bytes);
    if (message === undefined) return;
    const { head, rest } = message;
    switch (head.type) {
      case "hello":
        return this.#meet(head);
      case "echo":
        return this.#options.bus.connected ? this.#watch.heard() : undefined;
      case "opened":
      case "pong":
      case "told":
      case "leaving":
      case "closed":
        return this.#links.get(head.link)?.take(head, rest);
    }
  }

  #meet(hello: Hello): void {
    if (this.#nodes.has(hello.node) || this.#refused.has(hello.node)) return;
    const { bus, process, form, onEvent } = this.#options;
    const fault = isFit(hello) ? this.#options.suits(hello) : "it is of another version";
    if (fault !== undefined) {
      this.#refused.add(hello.node);
      this.#send(this.#subjects.node(hello.node), { type: "refuse", reason: fault });
      return onEvent({ type: "node_refused", node: hello.name, reason: fault });
    }
    const link = new NodeLink({
      ...{ hello, bus, form, process },
      subjects: this.#subjects,
      front: this.#id,
      firstId: this.#nextId,
      onRoom: () => this.onRoom(),
      opened: ({ hello: { name: node, workers } }) => {
        this.#known.resolve();
        onEvent({ type: "node_joined", node, workers });
      },
      ended: (link, end) => this.#ended(link, end),
    });
    this.#nextId += hello.workers;
    this.#links.set(link.id, link);
    this.#nodes.set(hello.node, link);
    this.#workers.groups = this.#links.values();
  }

  #ended(link: NodeLink, end: LinkEnd): void {
    const { name: node, node: id } = link.hello;
    this.#links.delete(link.id);
    this.#nodes.delete(id);
    this.#workers.groups = this.#links.values();
    if (this.#closed) return;
    if (end.type === "left") this.#options.onEvent({ type: "node_left", node });
    if (end.type === "lost") {
      const { reason, lines } = end;
      this.#options.onEvent({ type: "node_lost", node, reason, lines });
    }
    this.#call(); // it may be back, or another one in its place
    this.onRoom();
  }
}
