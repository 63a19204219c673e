/**
 * Every order of events, up to a depth of six: lines come, workers start and finish them, die, hang and
 * come back, time goes by, a client goes away. At the end each line has been settled once.
 */

import { assertEquals, assertGreater } from "@std/assert";
import type { DescriptorReserve } from "../lib/descriptors.ts";
import { replyOrder } from "../lib/half_async/reply_order.ts";
import { WorkerPool } from "../lib/half_sync/pool/worker_pool.ts";
import type { Answer } from "../lib/queueing/executor.ts";
import { Dispatcher } from "../lib/queueing/dispatcher.ts";
import { Flow } from "../lib/queueing/flow.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import type { ReplySink, Run } from "../lib/queueing/run.ts";
import { FakeWorld } from "./helpers/fault_world.ts";

const DEPTH = Number(Deno.env.get("HSHA_DEPTH") ?? 6);
const LIMIT = 4;

/** Stands in for a reserve: a walk has descriptors enough. */
const PLENTY = { lend: () => true, lent: false, giveBack() {} } as unknown as DescriptorReserve;

/** A client that is all but a socket: its lines, its replies in order, and what became of its lines. */
class Client implements ReplySink {
  readonly blocked = false;
  readonly flow: Flow;
  sent: string[] = [];
  written = "";
  answeredLines = 0;
  gone = 0;
  closed = false;
  readonly #order = replyOrder(
    "request",
    (bytes) => this.written += new TextDecoder().decode(bytes),
  );
  #run: Run | undefined;

  constructor(readonly name: string, readonly queue: JobQueue) {
    this.flow = new Flow(queue, this);
  }

  send(count: number): boolean {
    const lines = Array.from(
      { length: count },
      (_, index) => `${this.name}${this.sent.length + index}`,
    );
    if (this.closed || this.queue.room < count) return false;
    this.sent.push(...lines);
    const run = this.flow.push(new LineBlock(lines.join("\n"), count));
    if (run !== this.#run) this.#order.accepted(run);
    this.#run = run;
    return true;
  }

  executorLost(): void {}

  answered(run: Run, { lines, bytes }: Answer): void {
    if (this.closed) return;
    this.answeredLines += lines;
    this.#order.answered(run, bytes);
    this.queue.activate(this.flow);
  }

  close(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.gone = this.flow.unanswered;
    this.flow.drop();
    return true;
  }

  /** Every line has been settled once, and its replies are in order, true or an error. */
  check(walk: string): void {
    assertEquals(this.answeredLines + this.gone, this.sent.length, `${walk}: ${this.name} settled`);
    const replies = this.written.split("\n").slice(0, -1);
    // When a client goes away, replies that wait for their turn go with it.
    const due = this.closed ? replies.length : this.answeredLines;
    assertEquals(replies.length, due, `${walk}: replies of ${this.name}`);
    replies.forEach((reply, index) => {
      if (!reply.startsWith("ERR ")) assertEquals(reply, `<${this.sent[index]}>`, walk);
    });
  }
}

/** What a walk is played with. */
interface Mode {
  name: string;
  serial: boolean;
  /** What the queue takes a job for, in microseconds: cheap ones travel together, dear ones alone. */
  cost: number;
  depth: number;
}

/** The layers under test, with two played workers. */
async function build(world: FakeWorld, { serial, cost }: Mode) {
  const starting = WorkerPool.start({
    workers: 2,
    handler: new URL("data:text/javascript,"),
    permissions: {},
    bootTimeout: 1000,
    jobTimeout: 0.5,
    drainTimeout: 1,
    settle: () => ({
      terminator: "\n",
      jobTimeout: 0.5,
      maxReply: 1000,
      maxHeap: 0,
      pinned: false,
    }),
    maxAbandoned: 99,
    ...world.parts,
    descriptors: PLENTY,
    onEvent: () => {},
  });
  await world.turn();
  await world.turn();
  const pool = await starting;
  const queue = new JobQueue({ limit: LIMIT, serial, capacity: pool.capacity });
  queue.cost = cost;
  new Dispatcher(queue, pool);
  return { world, queue, pool, a: new Client("a", queue), b: new Client("b", queue) };
}

type System = Awaited<ReturnType<typeof build>>;

/** The workers that work, and those given up, which may still come back. */
const alive = ({ world }: System) => world.workers.filter((worker) => worker.busy);
const stuck = ({ world, pool }: System) =>
  pool.abandoned > 0
    ? world.workers.find((worker) => worker.underWay && !worker.terminated)
    : undefined;

/** What may happen: each says whether it was anything. */
const EVENTS: Record<string, (system: System) => boolean | Promise<boolean>> = {
  a: ({ a }) => a.send(2),
  b: ({ b }) => b.send(1),
  start: (system) => alive(system)[0]?.claim() ?? false,
  finish: (system) => alive(system).find((worker) => worker.underWay)?.finish() ?? false,
  run: (system) => {
    const worker = alive(system).at(-1);
    return worker !== undefined && !worker.underWay && worker.claim() && worker.finish();
  },
  die: (system) => alive(system)[0]?.die() ?? false,
  wait: async (system) => alive(system).length > 0 && (await system.world.pass(12), true),
  expire: async (system) => alive(system).length > 0 && (await system.world.pass(700), true),
  back: (system) => stuck(system)?.finish() ?? false,
  close: ({ a }) => a.sent.length > 0 && a.close(),
};

/** Plays a walk to its end. @returns whether its last event was one */
async function play(walk: readonly string[], mode: Mode): Promise<boolean> {
  using world = new FakeWorld();
  const system = await build(world, mode);
  const { queue, pool, a, b } = system;
  let useful = true;
  for (const name of walk) {
    useful = await EVENTS[name](system);
    if (!useful) break;
    await world.turn();
    if (queue.unanswered > LIMIT) {
      throw new Error(`${walk}: ${queue.unanswered} lines in the queue`);
    }
  }
  if (useful) {
    for (let round = 0; queue.unanswered > 0; round++) {
      if (round > 100) throw new Error(`${walk}: ${queue.unanswered} lines are never answered`);
      for (const worker of alive(system)) while (worker.busy && (worker.claim(), worker.finish()));
      await world.turn();
      await world.pass(5);
    }
    for (const client of [a, b]) client.check(walk.join(" "));
    for (const [line, times] of world.started) assertEquals(times, 1, `${walk}: ${line} ran twice`);
    const starts = [...world.started.keys()].filter((line) => line.startsWith("a"));
    if (mode.serial) assertEquals(starts, starts.toSorted(), `${walk}: one after the other`);
    assertEquals([queue.waiting, queue.room], [0, LIMIT], walk.join(" "));
    // A worker that was late and then died was once counted as abandoned for ever.
    while (stuck(system)?.finish()) await world.turn();
    assertEquals(pool.abandoned, 0, `${walk}: nobody is stuck any more`);
  }
  pool.close();
  return useful;
}

const MODES: Mode[] = [
  { name: "cheap jobs", serial: false, cost: 10, depth: DEPTH },
  { name: "dear jobs", serial: false, cost: 600, depth: DEPTH - 1 },
  { name: "one job at a time", serial: true, cost: 600, depth: DEPTH - 1 },
];

for (const mode of MODES) {
  const { name, depth } = mode;
  Deno.test(`WorkerPool and JobQueue settle every line once in all walks to depth ${depth}: ${name}`, async () => {
    let walks = 0;
    const visit = async (walk: string[]) => {
      if (walk.length > 0 && !await play(walk, mode)) return;
      walks++;
      if (walk.length === depth) return;
      for (const event of Object.keys(EVENTS)) await visit([...walk, event]);
    };
    await visit([]);
    assertGreater(walks, 3 ** depth);
  });
}
