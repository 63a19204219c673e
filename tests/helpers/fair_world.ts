/**
 * Test tool: a world with a clock of its own, in which workers serve clients of several kinds by the queue's
 * turns. Nothing in it waits: an hour passes as fast as its events can be counted.
 */

import type { Portion } from "../../lib/queueing/executor.ts";
import { JobQueue } from "../../lib/queueing/job_queue.ts";
import { CAPACITY } from "./flows.ts";
import { LineBlock } from "../../lib/queueing/line_block.ts";
import { TestFlow } from "./flows.ts";

/** How a client behaves. */
export type Manner =
  /** Always has so many lines under way. */
  | { kind: "ahead"; lines: number }
  /** Sends a line when it has the reply to the one before, and so many microseconds have passed. */
  | { kind: "waits"; pause?: number }
  /** As `waits`, from a new connection for each line. */
  | { kind: "anew"; pause?: number }
  /** Closes its connection when it has no reply after so many microseconds, and comes anew. */
  | { kind: "leaves"; after: number };

/** A client: what it has been given, and how long it waited for it. */
export class FairClient {
  /** Lines answered. */
  lines = 0;
  /** Microseconds from each line to its reply; of lines sent ahead none. */
  readonly waits: number[] = [];
  readonly name: string;
  readonly manner: Manner;
  /** What a job of it costs, in microseconds. */
  cost: number;
  flow: TestFlow | undefined;
  askedAt = 0;

  constructor(name: string, manner: Manner, cost: number) {
    this.name = name;
    this.manner = manner;
    this.cost = cost;
  }

  /** The value below which so great a share of its waits lies, in microseconds. */
  wait(share: number): number {
    const sorted = this.waits.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity;
  }
}

/** Something that happens at its time. */
interface Happening {
  at: number;
  act: () => void;
}

/** Most microseconds of work in one batch, as the dispatcher has it. */
const MAX_BATCH = 1000;

/** Workers, clients and a clock. */
export class FairWorld {
  readonly queue: JobQueue;
  readonly clients: FairClient[] = [];
  /** Microseconds since it began. */
  now = 0;
  readonly #byName = new Map<string, FairClient>();
  readonly #happenings: Happening[] = [];
  #idle: number;

  constructor(workers = 2, limit = 100_000) {
    this.queue = new JobQueue({ limit, serial: false, capacity: CAPACITY });
    this.#idle = workers;
  }

  /** Adds a client, which begins to ask so many microseconds from now. */
  add(name: string, manner: Manner, cost: number, delay = 0): FairClient {
    const client = new FairClient(name, manner, cost);
    this.clients.push(client);
    this.#byName.set(name, client);
    this.later(delay, () => this.#ask(client));
    return client;
  }

  /** Adds so many clients that are alike; each begins a little later than the one before. */
  addMany(count: number, name: string, manner: Manner, cost: number): FairClient[] {
    return Array.from(
      { length: count },
      (_, at) => this.add(`${name}${at}`, manner, cost, at * cost / 7),
    );
  }

  /** Lets so many microseconds pass. */
  run(micros: number): void {
    const end = this.now + micros;
    for (;;) {
      this.#dispatch();
      const next = this.#happenings[0];
      if (next === undefined || next.at > end) break;
      this.now = next.at;
      while (this.#happenings[0]?.at === this.now) this.#happenings.shift()!.act();
    }
    this.now = end;
  }

  /** Forgets what was: from now on it counts. */
  forget(): void {
    for (const client of this.clients) {
      client.lines = 0;
      client.waits.length = 0;
    }
  }

  /** Does something so many microseconds from now. */
  later(micros: number, act: () => void): void {
    const at = this.now + micros;
    const place = this.#happenings.findIndex((happening) => happening.at > at);
    this.#happenings.splice(place < 0 ? this.#happenings.length : place, 0, { at, act });
  }

  #ask(client: FairClient): void {
    const { manner, name } = client;
    const stays = manner.kind === "ahead" || manner.kind === "waits";
    if (client.flow === undefined || !stays) client.flow = new TestFlow(this.queue);
    client.askedAt = this.now;
    const lines = manner.kind === "ahead" ? manner.lines - client.flow.flow.unanswered : 1;
    const { flow } = client;
    flow.flow.push(new LineBlock(Array(lines).fill(name).join("\n"), lines));
    if (manner.kind === "leaves") {
      this.later(manner.after, () => {
        if (flow !== client.flow || flow.answeredLines > 0) return;
        flow.flow.drop();
        this.#ask(client);
      });
    }
  }

  #dispatch(): void {
    while (this.#idle > 0 && this.queue.waiting > 0) {
      const share = this.queue.waiting * this.queue.cost / this.#idle;
      const portion = this.queue.take(Math.min(MAX_BATCH, Math.max(100, share)));
      if (portion === undefined) return;
      this.#idle--;
      const cost = this.#costOf(portion);
      this.later(cost, () => this.#finish(portion));
    }
  }

  #clientOf(text: string): FairClient {
    return this.#byName.get(text.split("\n", 1)[0])!;
  }

  #costOf({ runs }: Portion): number {
    return runs.reduce((sum, run) => sum + run.count * this.#clientOf(run.text).cost, 0);
  }

  #finish({ runs }: Portion): void {
    this.#idle++;
    for (const run of runs) {
      const client = this.#clientOf(run.text);
      run.answered({ lines: run.count, bytes: new Uint8Array(), failed: 0, ends: false });
      run.took(run.count * client.cost);
      client.lines += run.count;
      const { manner } = client;
      if (manner.kind === "ahead") {
        if (client.flow!.flow.unanswered < manner.lines / 2) this.#ask(client);
        continue;
      }
      client.waits.push(this.now - client.askedAt);
      if (manner.kind === "leaves") {
        if (client.flow!.flow.unanswered === 0) this.#ask(client);
      } else if (manner.pause === undefined) this.#ask(client);
      else this.later(manner.pause, () => this.#ask(client));
    }
  }
}
