/**
 * Test tool: a server that is not there. It makes the snapshots that a real one under load would, by
 * a simulation that is the same in each run, for what shows snapshots to be tried with.
 */

import { Histogram } from "../../lib/observe/histogram.ts";
import type { LineSample } from "../../lib/observe/line_sample.ts";
import type { EventShown, Snapshot, WorkerShown } from "../../lib/observe/snapshot.ts";
import { Chance } from "../../scripts/tools/chance.ts";

/** What the fake is to be like. */
export interface FakeOptions {
  workers?: number;
  /** Lines a second. */
  rate?: number;
  order?: string;
  /** Milliseconds since 1970 at which it starts. */
  start?: number;
}

/** Bytes of each line and of each reply. */
const LINE_BYTES = 33;

/** A server that only counts. */
export class FakeServer {
  /** What it shows now; a test may change anything in it. */
  readonly now: Snapshot;
  rate: number;
  readonly #chance = new Chance(16);
  readonly #times = { wait: new Histogram(), job: new Histogram(), line: new Histogram() };
  #owed = 0;
  #nextSample = 0;

  constructor(
    { workers = 4, rate = 2000, order = "request", start = Date.now() }: FakeOptions = {},
  ) {
    this.rate = rate;
    this.now = {
      at: start,
      startedAt: start,
      version: "1.0.0",
      deno: "2.9.6",
      state: "ready",
      address: "127.0.0.1:7007",
      options: {
        handler: "shout.ts",
        order,
        workers,
        maxConnections: 10_000,
        queueLimit: 10_000,
        maxLine: 65_536,
        jobTimeout: 30,
        overload: "pause",
      },
      lines: { accepted: 0, answered: 0, failed: 0, gone: 0, unanswered: 0 },
      connections: { open: 0, paused: 0, total: 0, refused: 0 },
      bytes: { received: 0, sent: 0, unread: 0 },
      queue: { lines: 0, bytes: 0, byteLimit: 64 * 2 ** 20 },
      held: { replies: 0, bytes: 0 },
      workers: Array.from({ length: workers }, (_, index): WorkerShown => ({
        id: index + 1,
        state: "idle",
        busySeconds: 0,
        lines: 0,
        inFlight: 0,
        heapBytes: 9e6,
        bootSeconds: 0.09,
        replaced: 0,
      })),
      replacements: {},
      abandoned: 0,
      times: { wait: EMPTY, job: EMPTY, line: EMPTY },
      process: {
        cpuSeconds: 0.2,
        rssBytes: 110e6,
        openDescriptors: 60,
        maxDescriptors: 1024,
        loopLagSeconds: 0.0004,
      },
      events: [],
    };
    this.tell("info", "listening", `listening on 127.0.0.1:7007 with ${workers} workers`);
  }

  /** Something happens. */
  tell(level: EventShown["level"], type: string, text: string): void {
    const id = (this.now.events.at(-1)?.id ?? -1) + 1;
    this.now.events = [...this.now.events, { id, at: this.now.at, level, type, text }].slice(-50);
  }

  /** Clients come, or go. */
  connect(connections: number): void {
    const { open, total } = this.now.connections;
    this.now.connections.total = total + Math.max(0, connections - open);
    this.now.connections.open = connections;
  }

  /** A worker's job does not end. */
  hang(id: number): void {
    const worker = this.#worker(id);
    Object.assign(worker, { state: "busy", busySince: this.now.at, inFlight: 3 });
    this.now.lines.accepted += 3;
    this.now.lines.unanswered += 3;
  }

  /** The worker with that ID is replaced, its line fails, and the others of its batch are run. */
  replace(id: number, reason = "timeout"): void {
    const { lines, replacements } = this.now;
    const worker = this.#worker(id);
    if (worker.inFlight > 0) {
      lines.failed++;
      lines.answered += worker.inFlight - 1;
      lines.unanswered -= worker.inFlight;
    }
    const replaced = worker.replaced + 1;
    Object.assign(worker, { state: "booting", busySince: undefined, inFlight: 0, replaced });
    this.now.replacements = { ...replacements, [reason]: (replacements[reason] ?? 0) + 1 };
    this.tell("warn", "worker_replaced", `replaced worker ${id}: its job ran for more than 30 s`);
  }

  /** The new worker with that ID is ready. */
  boot(id: number): void {
    this.#worker(id).state = "idle";
  }

  /** Time passes, and lines with it. */
  advance(seconds: number): Snapshot {
    const { now } = this;
    now.at += seconds * 1000;
    this.#owed += this.rate * seconds * (now.state === "ready" ? 1 : 0);
    const count = Math.floor(this.#owed);
    this.#owed -= count;
    const able = now.workers.filter((it) =>
      it.state === "idle" || it.busySince === undefined && it.state === "busy"
    );
    const busy = Math.min(1, this.rate / 40_000);
    this.#settle(count, busy);
    for (const worker of able) this.#work(worker, { count: count / able.length, seconds });
    now.process.cpuSeconds += seconds * (0.02 + 1.4 * busy);
    now.process.loopLagSeconds = 0.0002 + 0.003 * busy * this.#chance.next();
    this.#count(count);
    return structuredClone(now);
  }

  /** Follows a few lines, as slow motion asks. */
  sample(lines: number): void {
    const made = Array.from({ length: lines }, () => this.#sample());
    this.now.samples = [...this.now.samples ?? [], ...made].slice(-50);
  }

  #worker(id: number): WorkerShown {
    return this.now.workers[id - 1];
  }

  #work(worker: WorkerShown, { count, seconds }: { count: number; seconds: number }): void {
    const busy = Math.min(0.97, (count / seconds) * 90e-6);
    worker.lines += Math.round(count);
    worker.busySeconds += busy * seconds;
    worker.state = this.#chance.next() < busy ? "busy" : "idle";
    worker.heapBytes = 9e6 + 6e6 * this.#chance.next();
  }

  /** Lines come; as many wait, are held and run as a queue that is used so much has; others are done. */
  #settle(count: number, busy: number): void {
    const { lines, bytes, queue, held, connections, workers } = this.now;
    const hung = workers.reduce((sum, it) => sum + (it.busySince === undefined ? 0 : 3), 0);
    const room = lines.unanswered + count - hung;
    queue.lines = Math.min(room, Math.round(400 * busy ** 2 * this.#chance.next()));
    queue.bytes = queue.lines * LINE_BYTES;
    held.replies = Math.min(room - queue.lines, Math.round(120 * busy * this.#chance.next()));
    held.bytes = held.replies * LINE_BYTES;
    connections.paused = busy > 0.8 ? Math.round(connections.open / 9) : 0;
    const settled = room - queue.lines - held.replies;
    const failed = Math.floor(settled / 997);
    lines.accepted += count;
    lines.failed += failed;
    lines.answered += settled - failed;
    lines.unanswered = hung + queue.lines + held.replies;
    bytes.received += count * LINE_BYTES;
    bytes.sent += settled * LINE_BYTES;
  }

  #count(count: number): void {
    for (let left = count; left > 0; left -= 16) {
      const lines = Math.min(16, left);
      const wait = 30 * Math.exp(3 * this.#chance.next() ** 3),
        job = 60 + 80 * this.#chance.next() ** 4;
      this.#times.wait.record(wait, lines);
      this.#times.job.record(job, lines);
      this.#times.line.record(wait + job + 25, lines);
    }
    const { wait, job, line } = this.#times;
    this.now.times = { wait: wait.toData(), job: job.toData(), line: line.toData() };
  }

  #sample(): LineSample {
    const id = this.#nextSample++;
    const slow = id % 9 === 3;
    const accepted = this.now.at + id % 7 * 0.4;
    const started = accepted + 0.1 + this.#chance.next() * 0.9;
    const ended = started + (slow ? 6 : 0.7) + this.#chance.next();
    const held = this.now.options.order === "request" && !slow && this.#chance.next() < 0.5;
    return {
      id,
      connection: 1 + id % 3,
      length: 4 + Math.floor(this.#chance.next() * 60),
      worker: 1 + id % this.now.workers.length,
      accepted,
      started,
      ended,
      ...held && { held: ended + 0.05 },
      written: ended + (held ? 3.5 : 0.1),
      outcome: id % 31 === 5 ? "failed" : "answered",
    };
  }
}

const EMPTY = { buckets: [], counts: [], sum: 0 };
