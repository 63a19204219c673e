/**
 * The node's side of a link: one front whose lines run here. It takes the front's batches, and tells what
 * becomes of them. It starts nothing that the front may have given up: it refuses a batch that comes late,
 * and once the front has been silent for a lease, it gives back what was not started. What was started goes
 * on: the front may come back.
 */

import { readAddress } from "../../half_sync/memory/run_header.ts";
import type { Origin } from "../../queueing/executor.ts";
import type { Bus } from "./bus.ts";
import { type BatchListener, ForeignBatch } from "./foreign_batch.ts";
import type { Claimant } from "./grants.ts";
import { Outbox } from "./outbox.ts";
import {
  encode,
  LEASE,
  longestIn,
  type Subjects,
  textOf,
  type ToFront,
  type ToNode,
  type WireRecord,
} from "./protocol.ts";

/** So many clients' addresses are kept, so that not each of their runs has its address read. */
const KEPT_ORIGINS = 4096;

/** A front is gone once its lease has been over for so many milliseconds. */
const GONE = 5000;

/** What a link is told at its start. */
export interface FrontLinkOptions {
  open: Extract<ToNode, { type: "open" }>;
  bus: Bus;
  subjects: Subjects;
  /** There is a batch to run. */
  onBatch: () => void;
  /** Takes back what workers have not started. */
  recall: () => void;
  /** The front needs the node no more, or is gone. */
  ended: (link: FrontLink) => void;
}

/** One front, as a node sees it. */
export class FrontLink implements BatchListener, Claimant {
  readonly id: string;
  grant = 1;
  peak = 0;
  readonly #options: FrontLinkOptions;
  readonly #subject: string;
  readonly #process: string;
  /** Batches that no worker has, in the order in which they came. */
  readonly #waiting: ForeignBatch[] = [];
  /** Batches that are not done. */
  readonly #batches = new Set<ForeignBatch>();
  readonly #origins = new Map<string, Origin>();
  /** The smallest difference seen between the clocks: this one minus the front's. */
  #ahead = Infinity;
  /** When the lease is over, by this clock. */
  #leasedUntil: number;
  /** Batches that have come so far. */
  #got = 0;
  readonly #outbox: Outbox;
  #suspended = false;
  #ended = false;

  constructor(options: FrontLinkOptions) {
    this.#options = options;
    const { open: { link, front, process, at }, subjects } = options;
    this.id = link;
    this.#outbox = new Outbox(
      (records, parts) => this.#say({ type: "told", link, records, grant: this.grant }, ...parts),
      () => longestIn(options.bus.maxPayload),
    );
    this.#process = process;
    this.#subject = subjects.front(front, link, 0);
    this.#leasedUntil = performance.now() + LEASE;
    this.#ahead = performance.now() - at;
    this.#say({ type: "opened", link, at, grant: this.grant });
  }

  /** Batches that it has here. */
  get batches(): number {
    return this.#batches.size;
  }

  /** Lines that it has here. */
  get lines(): number {
    let lines = 0;
    for (const { runs } of this.#batches) for (const { count } of runs) lines += count;
    return lines;
  }

  /** The next batch that may be started now. */
  next(): ForeignBatch | undefined {
    return this.isOver(performance.now()) ? undefined : this.#waiting.shift();
  }

  /** Whether its lease is over: the front may have given up what it has here. */
  isOver(now: number): boolean {
    return this.#ended || now >= this.#leasedUntil;
  }

  /**
   * Looks at the time. Once the lease is over, gives back what was not started; much later, ends the link.
   *
   * @param leaving Whether the node is about to leave, and waits for no silent front
   */
  look(now: number, leaving: boolean): void {
    if (!this.isOver(now)) return;
    if (now > this.#leasedUntil + GONE || leaving && this.batches === 0) return this.end();
    if (this.#suspended) return;
    this.#suspended = true;
    this.#giveBack();
  }

  /** The front says something. */
  take(message: ToNode, rest: Uint8Array): void {
    if (this.#ended) return;
    try {
      this.#take(message, rest);
    } catch {
      this.end(); // it cannot be understood: the front is told that nothing more will be started
    }
  }

  #take(message: ToNode, rest: Uint8Array): void {
    switch (message.type) {
      case "ping":
        this.#lease(message.at);
        if (this.#waiting.length > 0) this.#options.onBatch();
        return this.#say({
          type: "pong",
          link: this.id,
          at: message.at,
          complete: message.sent === this.#got,
          told: this.#outbox.sent,
          grant: this.grant,
        });
      case "batch":
        return this.#takeBatch(message, rest);
      case "bye":
        return this.end();
    }
  }

  /** The node is about to leave. */
  leave(): void {
    this.#say({ type: "leaving", link: this.id });
  }

  /** Gives back all that was not started, and tells the front that the link is over. */
  end(): void {
    if (this.#ended) return;
    this.#giveBack();
    this.#outbox.flush();
    this.#say({ type: "closed", link: this.id });
    this.#ended = true;
    this.#options.ended(this);
  }

  record(record: WireRecord, bytes?: Uint8Array): void {
    if (!this.#ended) this.#outbox.add(record, bytes);
  }

  done(batch: ForeignBatch): void {
    this.#batches.delete(batch);
  }

  #giveBack(): void {
    for (const { runs } of this.#waiting.splice(0).reverse()) {
      for (const run of runs.toReversed()) run.takeBack(0);
    }
    if (this.#batches.size > 0) this.#options.recall();
  }

  #takeBatch(message: Extract<ToNode, { type: "batch" }>, rest: Uint8Array): void {
    this.#got++;
    const { at, batch: number, cost } = message;
    this.#see(at);
    const now = performance.now();
    if (now >= at + this.#ahead + LEASE) return this.record(["refused", number]);
    const text = textOf(rest);
    let from = 0;
    const runs = message.runs.map(([kind, count, size, connection, addr]) => ({
      kind,
      count,
      text: text.slice(from, from += size),
      origin: this.#originOf(connection, addr),
    }));
    const batch = new ForeignBatch({ number, cost, runs }, this);
    this.#batches.add(batch);
    this.peak = Math.max(this.peak, this.#batches.size);
    this.#waiting.push(batch);
    this.#options.onBatch();
  }

  /** A message has come that the front sent `at` this time of its clock. */
  #see(at: number): void {
    this.#ahead = Math.min(this.#ahead, performance.now() - at);
  }

  /** The front lives, so the node may start its lines for another while. */
  #lease(at: number): void {
    this.#see(at);
    this.#leasedUntil = Math.max(this.#leasedUntil, at + this.#ahead + LEASE);
    if (!this.isOver(performance.now())) this.#suspended = false;
  }

  #originOf(number: number, addr: string): Origin {
    const key = `${number} ${addr}`;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    if (this.#origins.size >= KEPT_ORIGINS) this.#origins.clear();
    const origin = { number, addr: readAddress(addr), process: this.#process };
    this.#origins.set(key, origin);
    return origin;
  }

  #say(message: ToFront, ...parts: Uint8Array[]): void {
    const { bus } = this.#options;
    if (!bus.connected) return; // the link is over soon
    try {
      bus.publish(this.#subject, encode(message, ...parts));
    } catch {
      // closed for good, or it now wants shorter messages: the front counts, and misses this one
    }
  }
}
