/** How lines' times are measured: by run, with each line's own acceptance, over the clocks of two threads. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { WorkerAccount } from "../lib/half_sync/pool/worker_account.ts";
import { WorkerClock } from "../lib/half_sync/pool/worker_clock.ts";
import { LineLens } from "../lib/observe/line_lens.ts";
import { LineTimes } from "../lib/observe/line_times.ts";
import { Arrivals } from "../lib/queueing/arrivals.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import type { LineObserver } from "../lib/queueing/line_observer.ts";
import { Flow } from "../lib/queueing/flow.ts";
import type { Run } from "../lib/queueing/run.ts";

/** What a visitor is shown of lines `from` up to `to`. */
function visited(arrivals: Arrivals, from: number, to: number): number[][] {
  const parts: number[][] = [];
  arrivals.visit(from, to, (...part) => parts.push(part));
  return parts;
}

Deno.test("Arrivals knows the time of each line, however its run is divided", () => {
  const head = new Arrivals(10);
  head.add(3, 10); // in the same turn
  head.add(5, 20);
  head.add(6, 30);
  assertEquals(visited(head, 0, 9), [[10, 0, 5], [20, 5, 6], [30, 6, 9]]);
  assertEquals(visited(head, 4, 6), [[10, 4, 5], [20, 5, 6]]);
  assertEquals(visited(head, 7, 8), [[30, 7, 8]]);
  assertEquals(visited(head, 2, 2), []);
  const tail = head.splitAt(5);
  assertEquals(visited(head, 0, 5), [[10, 0, 5]]);
  assertEquals(visited(tail, 0, 4), [[20, 0, 1], [30, 1, 4]]);
  const last = tail.splitAt(2);
  assertEquals(visited(tail, 0, 2), [[20, 0, 1], [30, 1, 2]]);
  assertEquals(visited(last, 0, 2), [[30, 0, 2]]);
});

Deno.test("WorkerClock comes as near as the quickest batch, and keeps what it has learnt", () => {
  const clock = new WorkerClock(); // the worker's clock is 1000 ms behind
  clock.learn({ heard: 1060, begun: 50, ended: 51 });
  assertAlmostEquals(clock.read(50), 1059, 1e-9); // the way there is not known
  clock.learn({ sent: 1099.6, heard: 1103, begun: 100, ended: 102 });
  assertAlmostEquals(clock.read(100), 1100.3, 1e-9);
  clock.learn({ sent: 1190, heard: 1290, begun: 200, ended: 201 });
  assertAlmostEquals(clock.read(100), 1100.3, 1e-9);
  clock.learn({ sent: 1299.9, heard: 1301.1, begun: 300, ended: 301 });
  assertAlmostEquals(clock.read(100), 1100, 1e-9);
});

Deno.test("WorkerAccount.busySeconds never falls when a batch was shorter than it seemed", () => {
  const account = new WorkerAccount();
  account.ran(3, 2e6);
  assertEquals(account.busySeconds(1500), 3.5);
  account.ran(1, 1.4e6);
  assertEquals(account.busySeconds(0), 3.5);
  account.ran(1, 1e6);
  assertAlmostEquals(account.busySeconds(0), 4.4, 1e-9);
});

/** A flow that is observed. */
function observed(
  observer: LineObserver,
): { flow: Flow; take: (lines: number) => Run; push: (text: string) => void } {
  const queue = new JobQueue({
    limit: 100,
    serial: false,
    capacity: { lines: 99, bytes: 9999 },
    observer,
  });
  const flow = new Flow(queue, { blocked: false, answered: () => {}, executorLost: () => {} });
  return {
    flow,
    take: (lines) => flow.take(lines),
    push: (text) => void flow.push(new LineBlock(text, text.split("\n").length)),
  };
}

Deno.test("LineTimes counts each line of a run from its own acceptance to its own start", () => {
  const times = new LineTimes();
  let now = 1000;
  Object.defineProperty(times, "now", { value: () => now });
  const { push, take } = observed(times);
  push("a\nb");
  now = 1004;
  push("c");
  const run = take(3);
  run.took(6000, { executor: 1, at: 1010 });
  now = 1020;
  times.written(run, 0, 2);
  now = 1034;
  times.written(run, 2, 3);
  const { wait, job, line } = times.shown();
  // They start 2 ms apart: 10, 12, and 14 - 4 ms behind their acceptance.
  assertAlmostEquals(wait.sum, 0.010 + 0.012 + 0.010, 1e-9);
  assertAlmostEquals(job.sum, 0.006, 1e-9);
  assertAlmostEquals(line.sum, 0.020 + 0.020 + 0.030, 1e-9);
  const { job: { p50 } } = times.inBrief();
  assertAlmostEquals(p50, 0.002, 0.0001);
});

Deno.test("LineTimes counts all lines of a long run, and their sum is right", () => {
  const times = new LineTimes();
  Object.defineProperty(times, "now", { value: () => 0 });
  const { push, take } = observed(times);
  push(Array(37).fill("x").join("\n"));
  take(37).took(37_000, { executor: 1, at: 5 });
  const { wait } = times.shown();
  assertEquals(wait.counts.reduce((sum, count) => sum + count), 37);
  const right = Array.from({ length: 37 }, (_, line) => 0.005 + line * 0.001);
  assertAlmostEquals(wait.sum, right.reduce((sum, time) => sum + time), 1e-9);
});

Deno.test("LineLens tells held lines, failed ones and lines that are gone", () => {
  let now = 100;
  const lens = new LineLens(() => now);
  const { flow, push, take } = observed(lens);
  push("not followed");
  take(1);
  lens.look();
  push("one\nthree");
  const run = take(2);
  run.took(4000, { executor: 2, at: 101 });
  now = 110;
  const bytes = new TextEncoder().encode("one\nERR no\n");
  run.answered({ lines: 2, bytes, failed: 1, ends: false });
  lens.written(run, 0, 1);
  now = 115;
  lens.written(run, 1, 2);
  push("gone");
  flow.drop();
  const at = lens.samples[0].accepted - 100; // of the clock that counts from 1970
  const brief = lens.samples.map(({ length, worker, started = NaN, held, written, outcome }) => ({
    length,
    worker,
    started: Math.round(started - at),
    held: held === undefined ? undefined : Math.round(held - at),
    written: written === undefined ? undefined : Math.round(written - at),
    outcome,
  }));
  assertEquals(brief, [
    { length: 3, worker: 2, started: 101, held: undefined, written: 110, outcome: "answered" },
    { length: 5, worker: 2, started: 103, held: 110, written: 115, outcome: "failed" },
    {
      length: 4,
      worker: undefined,
      started: NaN,
      held: undefined,
      written: undefined,
      outcome: "gone",
    },
  ]);
  assertEquals(lens.samples.map(({ id }) => id), [0, 1, 2]);
});

Deno.test("LineLens follows ten lines in a row, and fifty at once at the most", () => {
  const lens = new LineLens(() => 0);
  const { flow, push } = observed(lens);
  for (let group = 0; group < 9; group++) {
    lens.look();
    push(Array(14).fill("x").join("\n"));
  }
  flow.drop();
  assertEquals(lens.samples.length, 50);
  lens.look();
  flow.drop();
  assertEquals(lens.samples.length, 50);
});
