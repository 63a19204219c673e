/** The queueing layer without sockets and workers: bounds, turns, serial flows, jobs taken back. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
} from "@std/assert";
import { Batch } from "../lib/half_sync/pool/batch.ts";
import { WorkerAccount } from "../lib/half_sync/pool/worker_account.ts";
import { WorkerClock } from "../lib/half_sync/pool/worker_clock.ts";
import { BatchSlot } from "../lib/half_sync/memory/batch_slot.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { answerPortion, CAPACITY, linesOfPortion, TestFlow } from "./helpers/flows.ts";

function queueOf({ limit = 1000, serial = false } = {}): JobQueue {
  return new JobQueue({ limit, serial, capacity: CAPACITY });
}

/** Lines `name0`, `name1` … */
function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index}`);
}

/** Lets a flow's jobs be measured, so that its estimate is near `micros` microseconds. */
function teach(queue: JobQueue, flow: TestFlow, micros: number): void {
  for (let round = 0; round < 30; round++) {
    flow.push("lesson");
    const portion = queue.take(1)!;
    answerPortion(portion, micros);
  }
}

Deno.test("JobQueue.take gives a flow's lines first in, first out", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  const lines = numbered("a", 100);
  for (const line of lines) flow.push(line);
  const taken: string[] = [];
  for (let portion = queue.take(1000); portion; portion = queue.take(1000)) {
    taken.push(...linesOfPortion(portion));
    answerPortion(portion);
  }
  assertEquals(taken, lines);
  assertEquals([queue.waiting, queue.unanswered], [0, 0]);
});

Deno.test("JobQueue.take gives nothing when nothing waits", () => {
  const queue = queueOf();
  assertEquals(queue.take(1000), undefined);
  const flow = new TestFlow(queue);
  flow.push("a");
  answerPortion(queue.take(1000)!);
  assertEquals(queue.take(1000), undefined);
});

Deno.test("JobQueue.take keeps to the budget but for one job that is dearer", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  teach(queue, flow, 100);
  flow.push(...numbered("a", 50));
  const portion = queue.take(1000)!;
  assertLessOrEqual(portion.cost, 1100);
  assertGreater(linesOfPortion(portion).length, 1);
  assertEquals(linesOfPortion(queue.take(1)!).length, 1);
});

Deno.test("JobQueue.take gives many lines at once when jobs are cheap", () => {
  const queue = queueOf({ limit: 5000 });
  const flow = new TestFlow(queue);
  teach(queue, flow, 0.5);
  flow.push(...numbered("a", 2000));
  assertGreater(linesOfPortion(queue.take(1000)).length, 100);
});

Deno.test("Flow's estimate outlives one run that seems dear, since its worker had no core, but not two", () => {
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const client = new TestFlow(queue);
  const answer = (micros: number) => {
    client.push("line");
    answerPortion(queue.take(1)!, micros);
    return client.flow.cost;
  };
  assertEquals(answer(10), 10);
  assertEquals(answer(3000), 10);
  assertEquals(answer(10), 10);
  assertEquals(answer(3000), 10);
  assertGreater(answer(3000), 1000);
  // Longer than a time slice: no matter of chance, also where every other job is quick.
  while (answer(10) > 20);
  assertGreater(answer(20_000), 1000);
});

Deno.test("JobQueue.take gives flows their turns by what their jobs cost, not by their number", () => {
  const queue = queueOf({ limit: 100_000 });
  const [cheap, dear] = [new TestFlow(queue), new TestFlow(queue)];
  teach(queue, cheap, 10);
  teach(queue, dear, 1000);
  cheap.push(...numbered("cheap", 20_000));
  dear.push(...numbered("dear", 1000));
  const spent = { cheap: 0, dear: 0 };
  for (let turn = 0; turn < 300; turn++) {
    const portion = queue.take(1000)!;
    for (const run of portion.runs) {
      const name = run.text.startsWith("cheap") ? "cheap" : "dear";
      const micros = run.count * (name === "cheap" ? 10 : 1000);
      spent[name] += micros;
      run.answered({ lines: run.count, bytes: new Uint8Array(), failed: 0, ends: false });
      run.took(micros);
    }
  }
  const ratio = spent.cheap / spent.dear;
  assert(ratio > 0.7 && ratio < 1.4, `cheap had ${ratio} times the time of dear`);
});

Deno.test("JobQueue.take lets no flow wait longer than a turn of each other one", () => {
  const queue = queueOf({ limit: 100_000 });
  const greedy = numbered("greedy", 20).map(() => new TestFlow(queue));
  const modest = new TestFlow(queue);
  for (const flow of [...greedy, modest]) teach(queue, flow, 100);
  for (const flow of greedy) flow.push(...numbered("g", 1000));
  modest.push("modest");
  let before = 0;
  for (;;) {
    const portion = queue.take(1000)!;
    const lines = linesOfPortion(portion);
    answerPortion(portion, 100);
    if (lines.includes("modest")) break;
    before += lines.length;
  }
  assertLessOrEqual(before, greedy.length * 5);
});

Deno.test("JobQueue.take gives one that sent ahead its share beside those that wait for each reply", () => {
  // They had no debts at each new line: five of them left 6 of 550 jobs to the one that had sent ahead.
  const queue = queueOf({ limit: 2000 });
  const bulk = new TestFlow(queue);
  bulk.push(...numbered("bulk", 1000));
  const waiting = numbered("waiting", 5).map(() => new TestFlow(queue));
  for (const flow of waiting) flow.push("line");
  const underWay = [queue.take(1)!];
  for (let job = 0; job < 600; job++) {
    underWay.push(queue.take(1)!);
    answerPortion(underWay.shift()!, 20_000);
    for (const flow of waiting) if (flow.flow.unanswered === 0) flow.push("line");
  }
  for (const flow of [bulk, ...waiting]) {
    assert(Math.abs(flow.answeredLines - 100) < 15, `one had ${flow.answeredLines} of 600 jobs`);
  }
});

Deno.test("JobQueue.take gives one that stays its share beside those that come for one job each", () => {
  const queue = queueOf({ limit: 2000 });
  const bulk = new TestFlow(queue);
  bulk.push(...numbered("bulk", 1000));
  for (let job = 0; job < 400; job++) {
    while (queue.waiting < 1000 - bulk.answeredLines + 3) new TestFlow(queue).push("line");
    answerPortion(queue.take(1)!, 20_000);
  }
  assertGreater(bulk.answeredLines, 80);
});

Deno.test("JobQueue.take gives the same to who sent ahead, who waits for each reply, and who comes anew", () => {
  const queue = queueOf({ limit: 2000 });
  const bulk = new TestFlow(queue);
  bulk.push(...numbered("bulk", 1000));
  const waiting = numbered("waiting", 10).map(() => new TestFlow(queue));
  const fresh: TestFlow[] = numbered("fresh", 5).map(() => new TestFlow(queue));
  for (const flow of [...waiting, ...fresh]) flow.push("line");
  let anew = 0;
  const underWay = [queue.take(1)!];
  for (let job = 0; job < 1600; job++) {
    underWay.push(queue.take(1)!);
    answerPortion(underWay.shift()!, 20_000);
    for (const flow of waiting) if (flow.flow.unanswered === 0) flow.push("line");
    for (const [place, flow] of fresh.entries()) {
      if (flow.flow.unanswered > 0) continue;
      anew++;
      (fresh[place] = new TestFlow(queue)).push("line");
    }
  }
  for (
    const lines of [
      bulk.answeredLines,
      anew / 5,
      ...waiting.map((flow) => flow.answeredLines),
    ]
  ) {
    assert(Math.abs(lines - 100) < 20, `${lines} of 1600 jobs`);
  }
});

Deno.test("JobQueue.take lets a quick line go before those who wait for their replies to slow ones", () => {
  const queue = queueOf();
  const polite = new TestFlow(queue);
  const waiting = numbered("waiting", 20).map(() => new TestFlow(queue));
  teach(queue, polite, 10);
  for (const flow of waiting) flow.push("slow");
  for (let job = 0; job < 100; job++) {
    answerPortion(queue.take(1)!, 20_000);
    for (const flow of waiting) if (flow.flow.unanswered === 0) flow.push("slow");
    if (job < 40) continue; // what jobs cost is known by then
    polite.push("quick");
    const portion = queue.take(1)!;
    assertEquals(linesOfPortion(portion), ["quick"], `behind job ${job}`);
    answerPortion(portion, 10);
  }
});

Deno.test("JobQueue.take lets one that asks now and then wait for nobody's turn", () => {
  const queue = queueOf({ limit: 100_000 });
  const greedy = numbered("greedy", 20).map(() => new TestFlow(queue));
  const modest = new TestFlow(queue);
  for (const flow of greedy) teach(queue, flow, 20_000);
  teach(queue, modest, 10);
  for (const flow of greedy) flow.push(...numbered("g", 1000));
  for (let turn = 0; turn < 100; turn++) answerPortion(queue.take(1)!, 20_000);
  for (let line = 0; line < 20; line++) {
    modest.push("modest");
    const portion = queue.take(1000)!;
    assertEquals(linesOfPortion(portion), ["modest"]);
    answerPortion(portion, 10);
    answerPortion(queue.take(1000)!, 20_000);
  }
});

Deno.test("JobQueue.take lets others have a second, and no more, before one whose job took half a minute", () => {
  const queue = queueOf({ limit: 100_000 });
  const [late, other] = [new TestFlow(queue), new TestFlow(queue)];
  for (const flow of [late, other]) teach(queue, flow, 100);
  late.push("half a minute");
  other.push(...numbered("other", 30_000));
  const portion = queue.take(1)!;
  assertEquals(linesOfPortion(portion), ["half a minute"]);
  late.push("quick");
  answerPortion(portion, 30e6);
  const { answeredLines } = other;
  while (late.flow.unanswered > 0) answerPortion(queue.take(1000)!, 100);
  const micros = (other.answeredLines - answeredLines) * 100;
  assert(micros > 0.8e6 && micros < 1.2e6, `the other one had ${micros} µs`);
});

Deno.test("JobQueue lets go of a flow whose connection is gone", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  flow.push("line");
  assert(flow.flow.turn.waiting);
  flow.flow.drop();
  assertEquals(flow.flow.turn.waiting, false);
  assertEquals(queue.take(1000), undefined);
});

Deno.test("JobQueue calls onJob for a line that came while replies found no room, when they do", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  let calls = 0;
  queue.onJob = () => calls++;
  flow.blocked = true;
  flow.push("line");
  assertEquals(calls, 0);
  flow.blocked = false;
  queue.activate(flow.flow);
  assertEquals(calls, 1);
});

Deno.test("JobQueue.take gives a serial flow's next job when the one before is answered", () => {
  const queue = queueOf({ serial: true });
  const [one, other] = [new TestFlow(queue), new TestFlow(queue)];
  one.push("a0", "a1", "a2");
  other.push("b0");
  const first = queue.take(1)!;
  assertEquals(linesOfPortion(first), ["a0"]);
  const second = queue.take(1)!;
  assertEquals(linesOfPortion(second), ["b0"]);
  assertEquals(queue.take(1000), undefined);
  answerPortion(first, 1000);
  queue.activate(one.flow);
  assertEquals(linesOfPortion(queue.take(1)), ["a1"]);
});

Deno.test("JobQueue.take passes over a flow whose replies find no room, until they do", () => {
  const queue = queueOf();
  const [full, other] = [new TestFlow(queue), new TestFlow(queue)];
  full.push("a");
  full.blocked = true;
  other.push("b");
  assertEquals(linesOfPortion(queue.take(1000)), ["b"]);
  assertEquals(queue.take(1000), undefined);
  full.blocked = false;
  queue.activate(full.flow);
  assertEquals(linesOfPortion(queue.take(1000)), ["a"]);
});

Deno.test("JobQueue calls onJob when a job can be taken that could not be before", () => {
  const queue = queueOf({ serial: true });
  let calls = 0;
  queue.onJob = () => calls++;
  const flow = new TestFlow(queue);
  flow.push("a0", "a1");
  assertEquals(calls, 1);
  const portion = queue.take(1)!;
  queue.activate(flow.flow);
  assertEquals(calls, 1);
  answerPortion(portion);
  queue.activate(flow.flow);
  assertEquals(calls, 2);
});

Deno.test("JobQueue has no room at its limit, and calls back once when there is some", () => {
  const queue = queueOf({ limit: 10 });
  const flow = new TestFlow(queue);
  flow.push(...numbered("a", 10));
  assertEquals(queue.room, 0);
  let calls = 0;
  const resume = () => calls++;
  queue.whenRoom(resume);
  queue.whenRoom(resume);
  for (let left = 10; left > 0; left--) {
    assertEquals(calls, left === 10 ? 0 : 1, `${left} lines left`);
    answerPortion(queue.take(1)!, 1000);
    assertEquals(queue.room, 10 - left + 1);
  }
  assertEquals(calls, 1);
});

Deno.test("JobQueue calls back those that wait for room one by one, as long as there is some", () => {
  const queue = queueOf({ limit: 2 });
  const flow = new TestFlow(queue);
  flow.push("1", "2");
  const resumed: string[] = [];
  for (const name of ["a", "b", "c"]) {
    queue.whenRoom(() => {
      resumed.push(name);
      flow.push(name);
    });
  }
  for (const expected of [["a"], ["a", "b"], ["a", "b", "c"]]) {
    answerPortion(queue.take(1)!, 1000);
    assertEquals(resumed, expected);
  }
});

Deno.test("JobQueue.forget takes back a call", () => {
  const queue = queueOf({ limit: 1 });
  const flow = new TestFlow(queue);
  flow.push("a");
  let calls = 0;
  const resume = () => calls++;
  queue.whenRoom(resume);
  queue.forget(resume);
  answerPortion(queue.take(1)!);
  assertEquals(calls, 0);
});

Deno.test("JobQueue has no room for lines that are too many bytes, however few they are", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  for (let line = 0; line < 64; line++) flow.push("x".repeat(1024 * 1024));
  assertEquals(queue.room, 0);
  assertEquals(queue.reached, "67108864 bytes of unanswered lines");
});

Deno.test("JobQueue lets nobody in while the lines are too many bytes, and calls back when they are fewer", () => {
  // A connection without an unanswered line was always let in: 10,000 of them could have 625 MiB.
  const queue = queueOf();
  const [flow, fresh, other] = [new TestFlow(queue), new TestFlow(queue), new TestFlow(queue)];
  for (let line = 0; line < 64; line++) flow.push("x".repeat(1024 * 1024));
  assertEquals(queue.roomFor(fresh.flow), 0);
  const resumed: string[] = [];
  queue.whenRoom(() => {
    resumed.push("fresh");
    fresh.push("y".repeat(2 * 1024 * 1024));
  });
  queue.whenRoom(() => resumed.push("other"));
  answerPortion(queue.take(1)!);
  assertEquals(resumed, ["fresh"]);
  assertEquals(queue.roomFor(other.flow), 0);
  for (let line = 0; line < 3; line++) answerPortion(queue.take(1)!);
  assertEquals(resumed, ["fresh", "other"]);
});

Deno.test("Flow.drop gives up all lines; those under way still count in the queue", () => {
  const queue = queueOf();
  const flow = new TestFlow(queue);
  flow.push(...numbered("a", 5));
  const portion = queue.take(1)!;
  assertEquals(flow.flow.drop(), 5);
  assertEquals([queue.waiting, queue.unanswered, flow.flow.unanswered], [0, 1, 0]);
  assertEquals(queue.take(1000), undefined);
  answerPortion(portion);
  assertEquals([queue.unanswered, flow.flow.unanswered, flow.flow.unansweredBytes], [0, 0, 0]);
});

Deno.test("Flow is charged for a line what it was charged, however the estimate has changed", () => {
  // Lines taken back at a new estimate, behind a job that stalled, gave their flow 96 ms of credit.
  const queue = queueOf();
  const flow = new TestFlow(queue);
  teach(queue, flow, 10);
  flow.push(...numbered("a", 100));
  const [run] = queue.take(1000)!.runs;
  const start = flow.flow.turn.start - run.count * 10;
  run.stalled(4000);
  run.takeBack(1);
  run.answered({ lines: 1, bytes: new Uint8Array(), failed: 0, ends: false });
  run.took(4000);
  assertAlmostEquals(flow.flow.turn.start, start + 4000, 1e-6);
});

Deno.test("Batch.abort charges the job that has cost its worker, and those before it", () => {
  // A job of 30 s that ran to its timeout was charged as the cheap one that it was taken for.
  const queue = queueOf();
  const flow = new TestFlow(queue);
  teach(queue, flow, 10);
  flow.push("quick");
  flow.flow.close();
  flow.push("hangs", "waits");
  const { answeredLines } = flow;
  const slot = new BatchSlot();
  const runs = queue.take(1000)!.runs.concat(queue.take(1000)?.runs ?? []);
  const start = flow.flow.turn.start - 3 * 10;
  const worker = { id: 1, account: new WorkerAccount(), clock: new WorkerClock() };
  const batch = new Batch({ runs, cost: 0, unanswered: 0 }, slot, { worker });
  batch.fill();
  slot.claim();
  slot.finish(0, 0);
  slot.setCost(0, 70);
  slot.claim();
  batch.abort(new Uint8Array(1), 30e6);
  assertEquals([flow.answeredLines - answeredLines, queue.waiting, queue.unanswered], [2, 1, 1]);
  assertAlmostEquals(flow.flow.turn.start, start + 70 + 1e6, 1); // a job counts for a second at the most
});

Deno.test("Batch.abort answers a line though a handler has written below 0 into the word of started lines", () => {
  // All lines were taken back and run again, the one that had done the harm first: for ever.
  const queue = queueOf();
  const flow = new TestFlow(queue);
  flow.push("harms", "waits");
  const slot = new BatchSlot();
  const worker = { id: 1, account: new WorkerAccount(), clock: new WorkerClock() };
  const batch = new Batch(queue.take(1000)!, slot, { worker });
  batch.fill();
  slot.claim();
  new Int32Array(slot.memory, 0, 1)[0] = -(2 ** 31);
  batch.abort(new Uint8Array(1), 0);
  assertEquals([flow.answeredLines, queue.waiting], [1, 1]);
});
