/** The queue's turns, in a world with a clock of its own: shares, waits, and what a long job leaves behind. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { Turn } from "../lib/queueing/turn.ts";
import { Turns } from "../lib/queueing/turns.ts";
import { type FairClient, FairWorld, type Manner } from "./helpers/fair_world.ts";
import { answerPortion, CAPACITY, linesOfPortion, TestFlow } from "./helpers/flows.ts";

/** What jobs cost in every test of fairness, in microseconds: under a batch, about a turn, far above. */
const COSTS = [20, 200, 20_000];

const AHEAD: Manner = { kind: "ahead", lines: 500 };
const WAITS: Manner = { kind: "waits" };
const ANEW: Manner = { kind: "anew" };
const POLITE: Manner = { kind: "waits", pause: 5000 };

/** Lets everybody ask for a while, and then for so many rounds that count: a job of each client. */
function settleAndRun(world: FairWorld, cost: number, rounds: number): void {
  const round = world.clients.length * cost / 2; // there are two workers
  world.run(30 * round);
  world.forget();
  world.run(rounds * round);
}

function assertEven(clients: readonly FairClient[], lines: number, what: string): void {
  for (const client of clients) {
    assert(
      client.lines > 0.8 * lines && client.lines < 1.2 * lines,
      `${what}: ${client.name} had ${client.lines} lines in place of ${lines}`,
    );
  }
}

for (const cost of COSTS) {
  Deno.test(`JobQueue.take serves clients that come anew in their order when jobs take ${cost} µs`, () => {
    // Last in, first out: of 64 clients 55 were served at most once in 10 s.
    const world = new FairWorld();
    const clients = world.addMany(64, "anew", ANEW, cost);
    settleAndRun(world, cost, 50);
    assertEven(clients, 50, "64 that come anew");
    for (const client of clients) assertLessOrEqual(client.wait(1), 2 * 32 * cost);
  });

  Deno.test(`JobQueue.take serves clients that wait for each reply evenly when jobs take ${cost} µs`, () => {
    const world = new FairWorld();
    const clients = world.addMany(64, "waits", WAITS, cost);
    settleAndRun(world, cost, 200);
    for (const { name, lines } of clients) {
      assert(lines > 140 && lines < 260, `${name} had ${lines} lines in place of 200`);
    }
  });

  Deno.test(`JobQueue.take serves those that wait and those that come anew alike when jobs take ${cost} µs`, () => {
    const world = new FairWorld();
    world.addMany(40, "waits", WAITS, cost);
    world.addMany(10, "anew", ANEW, cost);
    settleAndRun(world, cost, 50);
    assertEven(world.clients, 50, "both kinds");
  });

  Deno.test(`JobQueue.take lets a polite client wait for no turn of others when jobs take ${cost} µs`, () => {
    for (const manner of [AHEAD, WAITS]) {
      const world = new FairWorld();
      world.addMany(20, "other", manner, cost);
      const polite = world.add("polite", POLITE, 10);
      world.run(1e6);
      world.forget();
      world.run(1e6);
      assertGreaterOrEqual(polite.waits.length, 20);
      const batch = Math.max(1000, cost);
      assertLessOrEqual(polite.wait(0.95), 2 * batch, `beside clients of the kind ${manner.kind}`);
    }
  });

  Deno.test(`JobQueue.take lets others not suffer from one long job when jobs take ${cost} µs`, () => {
    // Virtual time went back after one of 30 s: an established client waited for 5 000 jobs of others.
    const long = Math.max(2e6, 1500 * cost);
    for (const manner of [ANEW, WAITS]) {
      const world = new FairWorld();
      const established = world.add("established", WAITS, cost);
      world.addMany(60, "other", manner, cost);
      world.add("long", { kind: "waits", pause: Infinity }, long, 50 * 30 * cost);
      world.run(long + 200 * 30 * cost);
      world.forget();
      settleAndRun(world, cost, 50);
      assertLessOrEqual(established.wait(1), 3 * 31 * cost);
      assertGreaterOrEqual(established.lines, 35);
    }
  });
}

for (const cost of COSTS.slice(1)) { // with jobs of 20 µs those that wait are not there when a batch is made
  Deno.test(`JobQueue.take gives all kinds of clients the same when jobs take ${cost} µs`, () => {
    const world = new FairWorld();
    world.add("ahead", AHEAD, cost);
    world.addMany(10, "waits", WAITS, cost);
    world.addMany(5, "anew", ANEW, cost);
    settleAndRun(world, cost, 100);
    assertEven(world.clients, 100, "three kinds");
  });
}

Deno.test("JobQueue.take leaves those that wait a line in every second batch of one that sent ahead", () => {
  const world = new FairWorld();
  world.add("ahead", AHEAD, 20);
  const others = [...world.addMany(10, "waits", WAITS, 20), ...world.addMany(5, "anew", ANEW, 20)];
  world.run(1e6);
  world.forget();
  world.run(1e6);
  for (const client of others) assertLessOrEqual(client.wait(1), 2 * 1000 + 20);
});

Deno.test("JobQueue.take keeps clients that leave unserved from taking the share of those that stay", () => {
  const cost = 200;
  const world = new FairWorld();
  const [waits, ahead] = [world.add("waits", WAITS, cost), world.add("ahead", AHEAD, cost)];
  world.addMany(50, "leaves", { kind: "leaves", after: 5 * cost }, cost);
  settleAndRun(world, cost, 200);
  for (const { name, lines } of [waits, ahead]) {
    assert(lines > 150, `${name} had ${lines} lines, and 200 are its share`);
  }
});

Deno.test("JobQueue learns of a job of two seconds no more than of one of a second", () => {
  const world = new FairWorld();
  world.addMany(5, "quick", WAITS, 20);
  world.run(1e5);
  const { cost, firstCost } = world.queue;
  world.add("long", { kind: "waits", pause: Infinity }, 2e6);
  let most = 0;
  const look = () => {
    most = Math.max(most, world.queue.cost);
    world.later(1, look);
  };
  world.later(2e6 - 1000, look);
  world.run(2e6 + 2000);
  assertGreaterOrEqual(most, 1e5); // it was seen
  assertLessOrEqual(most, cost + 1e6 / 8);
  assertLessOrEqual(world.queue.firstCost, 1.5 * firstCost);
});

Deno.test("Turns never let virtual time go back, whatever jobs cost in the end", () => {
  const turns = new Turns();
  const all = Array.from({ length: 20 }, () => new Turn({ ready: true, expectedCost: 100 }));
  const underWay: [Turn, number][] = [];
  let last = 0;
  for (let step = 0; step < 5000; step++) {
    const turn = all[step * 7 % all.length];
    if (step % 3 === 0) turns.enter(turn);
    const next = turns.next();
    if (next !== undefined && step % 2 === 0) {
      const taken = all.find(({ flow }) => flow === next)!;
      const expected = 10 ** (step % 7);
      turns.charge(taken, expected);
      underWay.push([taken, expected]);
      if (step % 4 === 0) turns.leave(taken);
    }
    if (step % 3 === 1 && underWay.length > 0) {
      const [ended, expected] = underWay.splice(step % underWay.length, 1)[0];
      if (step % 5 === 0) turns.refund(ended, expected, true);
      else turns.settle(ended, expected, step % 100);
    }
    assertGreaterOrEqual(turns.now, last, `at step ${step}`);
    last = turns.now;
  }
  assert(last > 0);
});

Deno.test("Turns let time pass by what was done, shared by those that want it", () => {
  const turns = new Turns();
  const [one, other] = [0, 1].map(() => new Turn({ ready: true, expectedCost: 10 }));
  turns.enter(one);
  turns.enter(other);
  turns.charge(one, 1000);
  turns.settle(one, 1000, 10); // it was cheaper than it should have been
  assertAlmostEquals(turns.now, 5);
  assertAlmostEquals(one.start, 10);
});

Deno.test("JobQueue.take puts a client behind others for what a job took, not for what the next may take", () => {
  // A worker without a core for 12 ms makes a quick job look dear.
  const world = new FairWorld();
  const others = world.addMany(20, "other", WAITS, 200);
  const polite = world.add("polite", POLITE, 10);
  world.run(1e6);
  world.forget();
  polite.cost = 12_000;
  while (polite.lines === 0) world.run(1000);
  polite.cost = 10;
  world.run(1e6);
  assertLessOrEqual(polite.wait(1), 12_000 * others.length / 2);
});

Deno.test("JobQueue learns what first jobs cost though each of them was seen to stall", () => {
  // It did not, so slow jobs of new clients passed for quick ones for ever, and lines were sent behind them.
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  for (let client = 0; client < 20; client++) {
    new TestFlow(queue).push("slow");
    const portion = queue.take(1)!;
    portion.runs[0].stalled(5000);
    answerPortion(portion, 20_000);
  }
  assertGreaterOrEqual(queue.firstCost, 10_000);
});

Deno.test("Flow.takeBack leaves the flow its turn: it does not queue anew behind all others", () => {
  // A polite client's line, taken back again and again, waited for 20 s beside 64 clients with slow jobs.
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const polite = new TestFlow(queue);
  for (let round = 0; round < 3; round++) {
    polite.push("polite");
    answerPortion(queue.take(1)!, 10);
  }
  for (let client = 0; client < 10; client++) new TestFlow(queue).push("slow");
  polite.push("polite");
  const [run] = queue.take(1)!.runs;
  assertEquals(run.text, "polite");
  answerPortion(queue.take(1)!, 20_000); // far more than a new client's job is expected to cost
  run.takeBack(0);
  assertEquals(linesOfPortion(queue.take(1)), ["polite"]);
});
