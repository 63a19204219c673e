/** The dispatcher of the queueing layer, with workers that are played: what is sent ahead of time. */

import { assertEquals } from "@std/assert";
import type { WorkerPool } from "../lib/half_sync/pool.ts";
import { Dispatcher } from "../lib/queueing/dispatcher.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { answerPortion, TestFlow } from "./helpers/flows.ts";

/** How many lines a busy worker is sent ahead, of `count` lines of `length` bytes that cost `micros` each. */
async function sentAhead(count: number, length: number, micros: number): Promise<number> {
  const queue = new JobQueue({ limit: 100_000, serial: false });
  const flow = new TestFlow(queue);
  for (let lesson = 0; lesson < 200; lesson++) {
    flow.push("lesson");
    answerPortion(queue.take(1)!, micros);
  }
  let sent = 0;
  const worker = {
    send: (runs: { count: number }[]) => sent += runs.reduce((sum, run) => sum + run.count, 0),
  };
  const leastBusy = () => sent === 0 ? worker : undefined; // room for one batch
  const pool = { idle: () => undefined, idleCount: 0, leastBusy } as unknown as WorkerPool;
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
