/** Runs: what is taken back is run again, by nobody twice, and its replies keep their places. */

import { assertEquals, assertLess } from "@std/assert";
import { replyOrder } from "../lib/half_async/reply_order.ts";
import type { Answer } from "../lib/queueing/executor.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import { Flow } from "../lib/queueing/flow.ts";
import { type ReplySink, Run } from "../lib/queueing/run.ts";
import { bytesOf, byteString } from "../scripts/tools/line_client.ts";
import { answerPortion, CAPACITY, linesOfPortion, TestFlow } from "./helpers/flows.ts";

Deno.test("Run.takeBack puts lines in front of those that wait", () => {
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  flow.push("lesson");
  answerPortion(queue.take(1)!); // now jobs are known to be cheap: five of them travel together
  const run = flow.push("a", "b", "c", "d", "e");
  const portion = queue.take(100_000)!;
  assertEquals(portion.runs.length, 1);
  flow.push("f");
  run.takeBack(2);
  assertEquals([queue.waiting, queue.unanswered], [4, 6]);
  assertEquals(linesOfPortion(portion), ["a", "b"]);
  answerPortion(portion);
  const taken: string[] = [];
  for (let next = queue.take(1000); next; next = queue.take(1000)) {
    taken.push(...linesOfPortion(next));
    answerPortion(next);
  }
  assertEquals(taken, ["c", "d", "e", "f"]);
  assertEquals([queue.waiting, queue.unanswered, flow.answeredLines], [0, 0, 7]);
});

Deno.test("Flow.takeBack puts lines where they stood, whichever worker gives its own back first", () => {
  // They went in front of all, so that a reply could be held for hundreds of later lines, 20 ms each.
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  flow.push("lesson");
  answerPortion(queue.take(1)!);
  const runs: Run[] = [];
  for (const lines of [["a", "b"], ["c", "d"], ["e", "f"]]) {
    flow.push(...lines);
    runs.push(...queue.take(100_000)!.runs);
  }
  flow.push("g");
  for (const index of [1, 0, 2]) runs[index].takeBack(1);
  answerPortion({ runs, cost: 0, unanswered: 0 });
  const taken: string[] = [];
  for (let next = queue.take(1000); next; next = queue.take(1000)) {
    taken.push(...linesOfPortion(next));
    answerPortion(next);
  }
  assertEquals(taken, ["b", "d", "f", "g"]);
});

Deno.test("Flow.takeBack gives lines up when their connection is gone", () => {
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  flow.push("lesson");
  answerPortion(queue.take(1)!);
  const run = flow.push("a", "b", "c");
  const portion = queue.take(100_000)!;
  assertEquals(flow.flow.drop(), 3);
  run.takeBack(1);
  assertEquals(queue.take(1000), undefined);
  answerPortion(portion);
  assertEquals([queue.waiting, queue.unanswered, flow.flow.unansweredBytes], [0, 0, 0]);
});

/** A generator of numbers that only look random: the same in each run of the test. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed;;) yield state = state * 16807 % 2147483647;
}

/** One flow with its replies in order, and what has been written and run so far. */
class Played implements ReplySink {
  readonly blocked = false;
  written = "";
  readonly accepted: string[] = [];
  readonly flow: Flow;
  readonly #order = replyOrder("request", ({ bytes }) => this.written += byteString(bytes));
  #run: Run | undefined;

  constructor(queue: JobQueue) {
    this.flow = new Flow(queue, this);
  }

  push(lines: string[]): void {
    this.accepted.push(...lines);
    const run = this.flow.push(new LineBlock(lines.join("\n"), lines.length));
    if (run !== this.#run) this.#order.accepted(run);
    this.#run = run;
  }

  /** A line that is answered without a worker, in its place. */
  refuse(line: string): void {
    this.accepted.push(line);
    this.flow.close();
    const run = new Run(this.flow);
    this.#order.accepted(run);
    this.#order.answered(run, { bytes: bytesOf(`${line}\n`), lines: 1, failed: 0 });
  }

  executorLost(): void {}

  answered(run: Run, { bytes }: Answer): void {
    this.#order.answered(run, { bytes, lines: 1, failed: 0 });
  }
}

/** Plays a flow with workers that take, take back, and answer in any order; each line must run once. */
function play(seed: number, serial: boolean): void {
  const queue = new JobQueue({ limit: 10_000, serial, capacity: CAPACITY });
  const flows = [new Played(queue), new Played(queue), new Played(queue)];
  const random = numbers(seed);
  const pick = (below: number) => random.next().value % below;
  const underWay: Run[] = [];
  const runLines: string[] = [];
  let line = 0;
  const take = (budget: number) => {
    underWay.push(...queue.take(budget)?.runs ?? []);
    if (!serial) return;
    const owners = underWay.map((run) => {
      const [first] = run.text.split("\n");
      return flows.findIndex(({ accepted }) => accepted.includes(first));
    });
    assertEquals(new Set(owners).size, owners.length, "two runs of a serial flow at once");
  };
  const answer = (run: Run, from: number, to: number) => {
    const lines = run.text.split("\n").slice(from, to);
    if (lines.length === 0) return;
    runLines.push(...lines);
    run.answered({
      lines: lines.length,
      bytes: bytesOf(lines.map((each) => `${each}\n`).join("")),
      failed: 0,
      ends: false,
    });
  };
  const finish = (run: Run, from = 0) => {
    answer(run, from, run.count);
    run.took(1 + pick(2000));
    for (const { flow } of flows) queue.activate(flow);
  };
  for (let step = 0; step < 300; step++) {
    const flow = flows[pick(flows.length)];
    const what = pick(10);
    if (what < 4) flow.push(Array.from({ length: 1 + pick(20) }, () => String(line++)));
    else if (what === 4) flow.refuse(String(line++));
    else if (what < 7) take(1 + pick(3000));
    else if (underWay.length > 0) {
      const [run] = underWay.splice(pick(underWay.length), 1);
      const started = pick(run.count + 1);
      const early = pick(Math.max(1, started)); // answered while the next one is under way
      answer(run, 0, early);
      if (started < run.count) run.takeBack(started);
      if (started > 0) finish(run, early);
    }
  }
  while (underWay.length > 0 || queue.waiting > 0) {
    take(1000);
    finish(underWay.pop()!);
  }
  assertEquals(new Set(runLines).size, runLines.length, "a line was run twice");
  for (const { written, accepted } of flows) {
    assertEquals(written, accepted.map((each) => `${each}\n`).join(""));
  }
  assertEquals([queue.waiting, queue.unanswered], [0, 0]);
}

Deno.test("replies keep their order, and each line runs once, however runs are taken and taken back", () => {
  for (let seed = 1; seed <= 60; seed++) play(seed, false);
});

Deno.test("replies keep their order in serial flows too, however runs are taken and taken back", () => {
  for (let seed = 1; seed <= 60; seed++) play(seed, true);
});

Deno.test("Flow begins a new run rather than let one grow beyond 64 KiB", () => {
  // Runs once grew without a bound, and were copied as a whole each time: lines of 60 KB took half of
  // the processor's time for that.
  const flow = new TestFlow(new JobQueue({ limit: 100, serial: false, capacity: CAPACITY }));
  const line = "x".repeat(30_000);
  const runs = Array.from({ length: 6 }, () => flow.push(line));
  assertEquals(runs.map((run) => runs.indexOf(run)), [0, 0, 2, 2, 4, 4]);
});

Deno.test("JobQueue.take puts no line behind others that does not fit into the batch's memory", () => {
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  flow.push("lesson");
  answerPortion(queue.take(1)!); // now jobs are known to be cheap
  const lengths = [60_000, 60_000, 60_000, 200_000, 10];
  for (const length of lengths) flow.push("x".repeat(length));
  const taken: number[][] = [];
  for (let portion = queue.take(1000); portion; portion = queue.take(1000)) {
    taken.push(linesOfPortion(portion).map((line) => line.length));
    answerPortion(portion);
  }
  assertEquals(taken, [[60_000, 60_000], [60_000], [200_000], [10]]);
});

Deno.test("JobQueue.take divides no run of little work, and begins a batch with one that did not fit", () => {
  const queue = new JobQueue({ limit: 1000, serial: false, capacity: CAPACITY });
  const flow = new TestFlow(queue);
  const taken = (budget: number, micros: number) => {
    const portion = queue.take(budget)!;
    answerPortion(portion, micros);
    return linesOfPortion(portion).length;
  };
  flow.push("lesson");
  taken(1, 1); // now jobs are known to take 1 µs
  flow.push(...Array<string>(64).fill("little"));
  assertEquals(taken(30, 1), 64);
  for (let lesson = 0; lesson < 9; lesson++) {
    flow.push("lesson");
    taken(1, 4); // and now, to take 4 µs
  }
  flow.push(...Array<string>(64).fill("more"));
  assertLess(taken(30, 1), 64);
  while (queue.waiting > 0) taken(1000, 1);
  for (let run = 0; run < 2; run++) flow.push(...Array<string>(3).fill("x".repeat(30_000)));
  assertEquals([taken(1000, 1), taken(1000, 1)], [3, 3]);
});

Deno.test("RequestOrder lets go of runs that are done: none keeps those behind it", () => {
  // In V8's old space, one kept all behind it: the reactor's heap grew to three times its size.
  const played = new Played(new JobQueue({ limit: 100, serial: false, capacity: CAPACITY }));
  const order = replyOrder("request", () => {});
  const runs = [0, 1, 2].map((position) =>
    new Run(played.flow, new LineBlock("line", 1), position)
  );
  for (const run of runs) order.accepted(run);
  for (const run of runs) {
    run.settled = 1;
    order.answered(run, { bytes: bytesOf("line\n"), lines: 1, failed: 0 });
  }
  assertEquals(runs.map(({ next }) => next), [undefined, undefined, undefined]);
});
