/**
 * The front's side of a link: one node, as long as it is there. It gives the node batches within its
 * credits, hears what becomes of them, and keeps asking whether the node is alive.
 *
 * A line goes to another node only if it has certainly not been started: its batch reached nobody, or the
 * node says so. The lines of a lost node are settled when it can no longer start them: when the lease that
 * each ping renews is over.
 */

import { STALE } from "../../half_sync/memory/leased_slot.ts";
import type { Portion } from "../../queueing/executor.ts";
import { reason } from "../../reason.ts";
import { BatchLedger } from "./batch_ledger.ts";
import type { Bus } from "./bus.ts";
import {
  encode,
  type Hello,
  LEASE,
  longestIn,
  newId,
  PING,
  SILENCE,
  type Subjects,
  type ToFront,
  type ToNode,
} from "./protocol.ts";
import type { RemoteBatch, ReplyForm } from "./remote_batch.ts";
import { type RemoteOwner, RemoteWorker } from "./remote_worker.ts";

/** The longest way to a node and back, in milliseconds, at which the node knows the front's time well enough. */
const LONGEST_WAY = 300;

/** How a link has ended: in good order, by a loss, or before it had opened. */
export type LinkEnd =
  | { type: "left" }
  | { type: "lost"; reason: string; lines: number }
  | { type: "unfit" };

/** What a link is told at its start. */
export interface NodeLinkOptions {
  hello: Hello;
  bus: Bus;
  subjects: Subjects;
  /** The front's ID, and what IDs of its connections begin with. */
  front: string;
  process: string;
  /** The ID of its first worker; the others have the next ones. */
  firstId: number;
  form: () => ReplyForm;
  /** A worker may have room again, or lines have come back. */
  onRoom: () => void;
  /** The node serves from now on. */
  opened: (link: NodeLink) => void;
  ended: (link: NodeLink, end: LinkEnd) => void;
}

/** One node, as a front sees it. */
export class NodeLink implements RemoteOwner {
  readonly id: string = newId();
  readonly hello: Hello;
  readonly workers: readonly RemoteWorker[];
  readonly #options: NodeLinkOptions;
  readonly #ledger: BatchLedger;
  readonly #openedAt = performance.now();
  #state: "opening" | "open" | "leaving" | "ended" = "opening";
  /** Why the front no longer relies on the node. */
  #fault: string | undefined;
  #grant = 0;
  /** Messages about batches that have come. */
  #told = 0;
  /** When the last ping left: it lets the node start lines. */
  #leasedAt = 0;
  /** Milliseconds of silence, and when that was looked at last. */
  #silence = 0;
  #lookedAt = performance.now();
  /** The shortest way to the node and back, in milliseconds. */
  #way = LONGEST_WAY;

  constructor(options: NodeLinkOptions) {
    this.#options = options;
    this.hello = options.hello;
    this.#ledger = new BatchLedger(options.form);
    this.workers = Array.from(
      { length: this.hello.workers },
      (_, place) => new RemoteWorker(options.firstId + place, place, this),
    );
    const { front, process } = options;
    this.#say({ type: "open", link: this.id, front, process, at: this.#openedAt });
  }

  /** Whether the node serves. */
  get open(): boolean {
    return this.#state === "open" && this.#fault === undefined && this.#silence < SILENCE;
  }

  /** On so many of the node's workers this front may have lines. */
  get grant(): number {
    return this.#grant;
  }

  /** Lines that the node has. */
  get lines(): number {
    return this.#ledger.lines;
  }

  takes(place: number): boolean {
    return place < this.#grant && this.open && this.#options.bus.connected;
  }

  send(portion: Portion, worker: RemoteWorker): RemoteBatch | undefined {
    const { bus } = this.#options;
    const batch = this.#ledger.draft(portion);
    const most = longestIn(bus.maxPayload);
    if (batch.soleLine > most) {
      queueMicrotask(() =>
        batch.lost(`line longer than the ${most} bytes that a message to a worker machine holds`)
      );
      return undefined;
    }
    const { runs, texts } = batch.wire();
    const { cost } = portion;
    const at = performance.now();
    const head = { type: "batch", link: this.id, at, batch: batch.number, cost, runs } as const;
    if (!this.#say(head, batch.number, ...texts)) {
      queueMicrotask(() => batch.refused());
      return undefined;
    }
    this.#ledger.add(batch, worker);
    return batch;
  }

  /** Looks at the time: pings the node, or gives it up. */
  look(now: number): void {
    // While this process stood still it did not listen: such time counts for little.
    this.#silence += Math.min(now - this.#lookedAt, 2 * PING);
    this.#lookedAt = now;
    if (this.#state === "opening") {
      if (now - this.#openedAt > LONGEST_WAY) this.#end({ type: "unfit" });
      return;
    }
    const fault = this.#fault ?? (this.#silence < SILENCE ? undefined : "it does not answer");
    if (fault === undefined) return this.#ping();
    if (now < this.#leasedAt + LEASE + STALE + this.#way) return;
    this.#end({ type: "lost", reason: fault, lines: this.lines });
  }

  /** The node says something. */
  take(message: ToFront, rest: Uint8Array): void {
    this.#silence = 0;
    try {
      this.#take(message, rest);
    } catch (error) {
      this.#fail(`it cannot be understood: ${reason(error)}`);
    }
  }

  #take(message: ToFront, rest: Uint8Array): void {
    switch (message.type) {
      case "opened":
        return this.#open(message);
      case "pong":
        return this.#pong(message);
      case "told":
        this.#told++;
        this.#grant = message.grant;
        this.#ledger.take(message.records, rest);
        this.#options.onRoom();
        return this.#leaveIfDone();
      case "leaving":
        if (this.#state === "open") this.#state = "leaving";
        return this.#leaveIfDone();
      case "closed":
        return this.#end({
          type: "lost",
          reason: this.#fault ?? "it had not heard from this server for too long",
          lines: this.lines,
        });
    }
  }

  /** Nobody listens for the node's messages: this batch (0: none) reached nobody. */
  unheard(number: number): void {
    this.#fail("it is gone");
    this.#ledger.refused(number);
    this.#options.onRoom();
  }

  /** The front needs the node no more. */
  close(): void {
    if (this.#state !== "ended") this.#end({ type: "left" });
  }

  #open({ at, grant }: Extract<ToFront, { type: "opened" }>): void {
    if (this.#state !== "opening") return;
    this.#way = performance.now() - at;
    if (this.#way > LONGEST_WAY) return this.#end({ type: "unfit" });
    this.#state = "open";
    this.#grant = grant;
    this.#ping();
    this.#options.opened(this);
    this.#options.onRoom();
  }

  #pong({ at, complete, told, grant }: Extract<ToFront, { type: "pong" }>): void {
    this.#way = Math.min(this.#way, performance.now() - at);
    // Messages come in the order in which they were sent: what has not come by now is lost.
    if (!complete || told !== this.#told) return this.#fail("messages were lost");
    if (grant === this.#grant) return;
    this.#grant = grant;
    this.#options.onRoom();
  }

  #ping(): void {
    this.#say({ type: "ping", link: this.id, at: performance.now(), sent: this.#ledger.sent });
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
  }

  #leaveIfDone(): void {
    if (this.#state === "leaving" && this.#ledger.empty) this.#end({ type: "left" });
  }

  #end(end: LinkEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#say({ type: "bye", link: this.id });
    this.#ledger.lose("the worker machine that had this job is gone");
    this.#options.ended(this, end);
  }

  /** Sends a message about a batch, or about none. @returns whether it has left */
  #say(message: ToNode, batch = 0, ...parts: Uint8Array[]): boolean {
    const { bus, subjects, front, hello } = this.#options;
    if (!bus.connected) return false;
    if (message.type === "ping") this.#leasedAt = performance.now();
    try {
      const reply = subjects.front(front, this.id, batch);
      bus.publish(subjects.node(hello.node), encode(message, ...parts), reply);
      return true;
    } catch {
      this.#fail(`${bus.name} takes no message`); // closed for good, or it now wants shorter ones
      return false;
    }
  }
}
