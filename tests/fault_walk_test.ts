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
import { LONG } from "./helpers/long.ts";

const DEPTH = Number(Deno.env.get("TEST_DEPTH") ?? 6);
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
    ({ bytes }) => this.written += new TextDecoder().decode(bytes),
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
    this.#order.answered(run, { bytes, lines, failed: 0 });
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
    handlerArgs: [],
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

/** One thing that may happen. */
interface Event {
  /** Whether it would be nothing, for certain: then it need not be tried. */
  idle: (system: System) => boolean;
  /** @returns whether it was anything */
  happen: (system: System) => boolean | Promise<boolean>;
}

const nobody = (system: System) => alive(system).length === 0;
const working = (system: System) => alive(system).find((worker) => worker.underWay);

/** What may happen. */
const EVENTS: Record<string, Event> = {
  a: { idle: ({ a }) => a.closed, happen: ({ a }) => a.send(2) },
  b: { idle: ({ b }) => b.closed, happen: ({ b }) => b.send(1) },
  start: {
    idle: (system) => alive(system)[0]?.underWay ?? true,
    happen: (system) => alive(system)[0]?.claim() ?? false,
  },
  finish: {
    idle: (system) => working(system) === undefined,
    happen: (system) => working(system)?.finish() ?? false,
  },
  run: {
    idle: (system) => alive(system).at(-1)?.underWay ?? true,
    happen: (system) => {
      const worker = alive(system).at(-1);
      return worker !== undefined && !worker.underWay && worker.claim() && worker.finish();
    },
  },
  die: { idle: nobody, happen: (system) => alive(system)[0]?.die() ?? false },
  wait: { idle: nobody, happen: async ({ world }) => (await world.pass(12), true) },
  expire: { idle: nobody, happen: async ({ world }) => (await world.pass(700), true) },
  back: {
    idle: (system) => stuck(system) === undefined,
    happen: (system) => stuck(system)?.finish() ?? false,
  },
  close: { idle: ({ a }) => a.closed || a.sent.length === 0, happen: ({ a }) => a.close() },
};

/** Plays a walk to its end. @returns what may happen behind it; `undefined` if its last event was none */
async function play(walk: readonly string[], mode: Mode): Promise<string[] | undefined> {
  using world = new FakeWorld();
  const system = await build(world, mode);
  const { queue, pool, a, b } = system;
  let useful = true;
  for (const name of walk) {
    useful = await EVENTS[name].happen(system);
    if (!useful) break;
    await world.turn();
    if (queue.unanswered > LIMIT) {
      throw new Error(`${walk}: ${queue.unanswered} lines in the queue`);
    }
  }
  let next: string[] | undefined;
  if (useful) {
    next = Object.keys(EVENTS).filter((name) => !EVENTS[name].idle(system));
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
  return next;
}

const MODES: Mode[] = [
  { name: "cheap jobs", serial: false, cost: 10, depth: DEPTH },
  { name: "dear jobs", serial: false, cost: 600, depth: DEPTH - 1 },
  { name: "one job at a time", serial: true, cost: 600, depth: DEPTH - 1 },
];

for (const mode of MODES) {
  const { name, depth } = mode;
  Deno.test(
    `WorkerPool and JobQueue settle every line once in all walks to depth ${depth}: ${name}`,
    LONG,
    async () => {
      let walks = 0;
      const visit = async (walk: string[]) => {
        const next = await play(walk, mode);
        if (next === undefined) return;
        walks++;
        if (walk.length === depth) return;
        for (const event of next) await visit([...walk, event]);
      };
      await visit([]);
      assertGreater(walks, 3 ** depth);
    },
  );
}
