/** Faults of the pool that only a played world can time: what comes in between boots, and while nothing is heard. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { DescriptorReserve } from "../lib/descriptors.ts";
import { MAX_BATCH_BYTES } from "../lib/half_sync/memory/batch_slot.ts";
import { WorkerPool } from "../lib/half_sync/pool/worker_pool.ts";
import type { ServerEvent } from "../lib/mod.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { FakeWorld } from "./helpers/fault_world.ts";
import { TestFlow } from "./helpers/flows.ts";

/** Stands in for a reserve: there are descriptors enough. */
const PLENTY = { lend: () => true, lent: false, giveBack() {} } as unknown as DescriptorReserve;

/** A pool of played workers that are ready, and what it has told. */
async function startPool(world: FakeWorld, workers = 2) {
  const events: ServerEvent[] = [];
  /** What the system does for the next threads: refuses them. */
  let refusals = 0;
  const starting = WorkerPool.start({
    workers,
    handler: new URL("data:text/javascript,"),
    handlerArgs: [],
    permissions: {},
    bootTimeout: 1000,
    jobTimeout: 0.5,
    drainTimeout: 1,
    maxHeap: 64,
    settle: () => ({
      terminator: "\n",
      jobTimeout: 0.5,
      maxReply: 1000,
      maxHeap: 64,
      pinned: false,
    }),
    maxAbandoned: 99,
    ...world.parts,
    worker: () => {
      if (refusals === 0) return world.parts.worker();
      refusals--;
      throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
    },
    descriptors: PLENTY,
    onEvent: (event) => void events.push(event),
  });
  for (let turn = 0; turn <= workers; turn++) await world.turn();
  const pool = await starting;
  const renewed = () =>
    events.flatMap((event) =>
      event.type === "worker_renewed" ? [[event.worker, event.reason]] : []
    );
  return { pool, events, renewed, refuse: (threads: number) => refusals = threads };
}

/** Lets promises settle; no worker gets ready meanwhile. */
async function settle(): Promise<void> {
  for (let count = 0; count < 10; count++) await undefined;
}

async function turns(world: FakeWorld, count = 8): Promise<void> {
  for (let turn = 0; turn < count; turn++) await world.turn();
}

Deno.test("WorkerPool.reload goes on when a worker is lost meanwhile", async () => {
  // It ended with the half of the workers renewed, and said that the handler cannot be loaded.
  using world = new FakeWorld();
  const { pool, renewed } = await startPool(world);
  const reloading = pool.reload();
  await settle();
  assertEquals(world.workers.length, 3, "a successor boots");
  world.workers[0].die();
  await turns(world);
  await reloading;
  assertEquals(renewed(), [[2, "reload"]]);
  assertEquals(world.workers.filter(({ terminated }) => !terminated).length, 2);
  pool.close();
});

Deno.test("WorkerPool.reload starts again a worker that boots already: it may have loaded what was there before", async () => {
  using world = new FakeWorld();
  const { pool, renewed } = await startPool(world);
  world.workers[0].die();
  const early = world.workers.length - 1; // boots, and has loaded the old handler
  const reloading = pool.reload();
  await turns(world);
  await reloading;
  assertEquals(world.workers[early].terminated, true);
  assertEquals(renewed(), [[2, "reload"]]);
  assertEquals(world.workers.filter(({ terminated }) => !terminated).length, 2);
  pool.close();
});

Deno.test("WorkerPool renews a worker once more when its heap was on the way to be relieved at a reload", async () => {
  using world = new FakeWorld();
  const { pool, renewed, events } = await startPool(world, 1);
  world.workers[0].grow();
  await settle();
  assertEquals(world.workers.length, 2, "a successor boots, and has loaded what was there before");
  const reloading = pool.reload();
  await turns(world);
  await reloading;
  assertEquals(renewed(), [[1, "heap"], [1, "reload"]]);
  assertEquals(pool.replacements, { timeout: 0, died: 0, heap: 1, reload: 1 });
  assertEquals(events.filter(({ type }) => type === "worker_boot_failed"), []);
  pool.close();
});

Deno.test("WorkerPool tells of no failed boot when the heap of a worker grows at its reload", async () => {
  using world = new FakeWorld();
  const { pool, renewed, events } = await startPool(world, 1);
  const reloading = pool.reload();
  await settle();
  world.workers[0].grow();
  await turns(world);
  await reloading;
  assertEquals(renewed(), [[1, "reload"]]);
  assertEquals(events.filter(({ type }) => type === "worker_boot_failed"), []);
  pool.close();
});

Deno.test("WorkerPool.reload goes on when a heap grows meanwhile, and the first successor cannot start", async () => {
  // Two successors were planned for one worker; nobody waited for the end of the first plan.
  using world = new FakeWorld();
  const { pool, renewed } = await startPool(world, 1);
  const reloading = pool.reload();
  await settle();
  world.workers[0].grow();
  await settle();
  world.workers[1].die();
  await turns(world);
  await reloading;
  assertEquals(renewed().length, 1);
  assertEquals(world.workers.filter(({ terminated }) => !terminated).length, 1);
  pool.close();
});

Deno.test("WorkerPool lets a worker whose heap is too large from the start go on for ten seconds", async () => {
  // Workers followed one another as fast as they could boot.
  using world = new FakeWorld();
  const { pool, renewed, events } = await startPool(world, 1);
  world.workers[0].grow();
  await turns(world);
  for (let time = 0; time < 9000; time += 500) {
    world.workers[1].grow();
    await turns(world);
    await world.pass(500);
  }
  assertEquals(world.workers.length, 2);
  assertEquals(events.filter(({ type }) => type === "worker_boot_failed").length, 1);
  await world.pass(1500);
  world.workers[1].grow();
  await turns(world);
  assertEquals(renewed(), [[1, "heap"], [1, "heap"]]);
  pool.close();
});

Deno.test("WorkerPool tries again to start a worker that the system has refused a thread", async () => {
  // What `new Worker` throws was thrown from the watchdog, and ended the server.
  using world = new FakeWorld();
  const { pool, events, refuse } = await startPool(world, 1);
  refuse(2);
  world.workers[0].die();
  for (const tries of [1, 2]) {
    await turns(world);
    const failures = events.filter(({ type }) => type === "worker_boot_failed");
    assertEquals(failures.length, tries);
    await world.pass(500);
  }
  await turns(world);
  const [failure] = events.filter((event) => event.type === "worker_boot_failed");
  assertMatch(
    failure.reason,
    /^the system has no thread for it \(Resource temporarily unavailable/,
  );
  assertEquals(pool.idleCount, 1);
  pool.close();
});

Deno.test("WorkerPool.reload leaves the workers when the system refuses a thread", async () => {
  using world = new FakeWorld();
  const { pool, refuse } = await startPool(world);
  refuse(2);
  const refused = assertRejects(() => pool.reload(), Error, "the system has no thread for it");
  await turns(world);
  await refused;
  assertEquals(pool.idleCount, 2);
  pool.close();
});

Deno.test("WorkerHost takes back a line longer than a batch that was sent ahead to a busy worker", async () => {
  using world = new FakeWorld();
  const { pool } = await startPool(world, 1);
  const queue = new JobQueue({ limit: 10, serial: false, capacity: pool.capacity });
  const [busy, long] = [new TestFlow(queue), new TestFlow(queue)];
  const worker = pool.idle()!;
  busy.push("a slow job");
  worker.send(queue.take(1)!);
  world.workers[0].claim();
  long.push("x".repeat(MAX_BATCH_BYTES + 1));
  worker.send(queue.take(1)!);
  assertEquals(queue.waiting, 0);
  await world.pass(12);
  assertEquals(queue.waiting, 1, "another worker may have it");
  world.workers[0].finish();
  await turns(world);
  assertEquals([busy.answeredLines, long.answeredLines], [1, 0]);
  pool.close();
});

Deno.test("LateWorkers takes no worker for stuck whose answer came while the reactor stood still", async () => {
  // A standstill of 80 ms, right behind the question, ended a server of one worker.
  for (const standsStill of [true, false]) {
    using world = new FakeWorld();
    const { pool, events } = await startPool(world, 1);
    const queue = new JobQueue({ limit: 10, serial: false, capacity: pool.capacity });
    const flow = new TestFlow(queue);
    flow.push("a job that runs over its time");
    pool.idle()!.send(queue.take(1)!);
    world.workers[0].claim();
    await world.pass(700); // its time is over: it is asked whether it hears
    assertEquals(flow.answeredLines, 1);
    if (standsStill) world.standStill(2000);
    else await world.pass(2000);
    await world.pass(1);
    assertEquals(pool.abandoned, standsStill ? 0 : 1);
    world.workers[0].finish(); // and now its answer is heard
    await turns(world);
    assertEquals(pool.abandoned, 0);
    const abandoned = events.filter(({ type }) => type === "worker_abandoned").length;
    assertEquals(abandoned, standsStill ? 0 : 1);
    pool.close();
  }
});

Deno.test("WorkerPool has the next batch go to a worker that is awake, and else to all in turn", async () => {
  // The other one was woken while this one looked for a batch: half the lines of a client that waits.
  using world = new FakeWorld();
  const { pool } = await startPool(world, 3);
  const next = () => Array.from({ length: 4 }, () => pool.idle()!.id);
  assertEquals(next(), [1, 2, 3, 1]);
  world.workers[2].awake = true;
  assertEquals(next(), [3, 3, 3, 3]);
  world.workers[2].awake = false;
  assertEquals(next(), [1, 2, 3, 1]);
  pool.close();
});
