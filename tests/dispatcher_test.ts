/** The dispatcher of the queueing layer, with workers that are played: what is sent ahead of time. */

import { assertEquals } from "@std/assert";
import { Dispatcher } from "../lib/queueing/dispatcher.ts";
import type { Executor, ExecutorSet, Portion } from "../lib/queueing/executor.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { answerPortion, CAPACITY, TestFlow } from "./helpers/flows.ts";

/** How many lines a busy worker is sent ahead, of `count` lines of `length` bytes that cost `micros` each. */
async function sentAhead(count: number, length: number, micros: number): Promise<number> {
  const queue = new JobQueue({ limit: 100_000, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  for (let lesson = 0; lesson < 200; lesson++) {
    flow.push("lesson");
    answerPortion(queue.take(1)!, micros);
  }
  let sent = 0;
  const worker: Executor = {
    id: 1,
    load: 0,
    idle: false,
    hasRoom: true,
    send: ({ runs }: Portion) => void (sent += runs.reduce((sum, run) => sum + run.count, 0)),
  };
  const pool: ExecutorSet = {
    capacity: CAPACITY,
    onRoom() {},
    onLost() {},
    isPinned: () => false,
    all: [],
    idleCount: 0,
    idle: () => undefined,
    leastBusy: () => sent === 0 ? worker : undefined, // room for one batch
  };
  new Dispatcher(queue, pool);
  flow.push(...Array(count).fill("x".repeat(length)));
  await null; // the turn's end
  await null;
  return sent;
}

Deno.test("Dispatcher sends short lines ahead, if they are work for the time of a hop", async () => {
  assertEquals(await sentAhead(300, 32, 0.2), 300);
  assertEquals(await sentAhead(200, 32, 0.2), 0);
});

Deno.test("Dispatcher sends long lines, or dear ones, ahead when they are a full batch", async () => {
  // With lines of 64 KiB sent ahead earlier, others waited six times as long.
  assertEquals(await sentAhead(4, 60_000, 100), 0);
  assertEquals(await sentAhead(100, 1024, 1), 0);
  assertEquals(await sentAhead(11, 60_000, 100) > 0, true);
});
