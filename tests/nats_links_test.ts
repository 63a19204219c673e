/** Links between servers and worker machines over a NATS that is played: lost messages, cut connections. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Front } from "../lib/cluster/nodes/front.ts";
import { Node } from "../lib/cluster/nodes/node.ts";
import { Beat } from "../lib/half_sync/memory/leased_slot.ts";
import type { ServerEvent } from "../lib/observe/events.ts";
import type { Executor } from "../lib/queueing/executor.ts";
import { until } from "../scripts/tools/deadline.ts";
import { type PlayedBus, PlayedNats, PlayedWorkers } from "./helpers/played_nats.ts";
import { PlayedRun } from "./helpers/played_run.ts";

/** A front, and nodes as they are started. */
class World implements AsyncDisposable {
  readonly nats = new PlayedNats();
  readonly events: ServerEvent[] = [];
  readonly bus: PlayedBus = this.nats.connect();
  readonly front: Front;
  readonly #nodes: Node[] = [];

  constructor() {
    this.front = new Front({
      bus: this.bus,
      service: "s",
      process: "p",
      form: () => ({ terminator: "\n" }),
      suits: ({ name }) => name === "misfit" ? "it is a misfit" : undefined,
      alone: true,
      onEvent: (event) => this.events.push(event),
    });
  }

  /** Starts a node of one worker. */
  node(name = "node"): { workers: PlayedWorkers; node: Node; bus: PlayedBus } {
    const bus = this.nats.connect();
    const workers = new PlayedWorkers();
    const facts = { name, workers: 1, open: false, jobTimeout: 1, maxReply: 100 };
    const onEvent = () => {};
    const node = new Node({ bus, service: "s", facts, workers, beat: new Beat(), onEvent });
    this.#nodes.push(node);
    return { workers, node, bus };
  }

  /** Waits for a worker of a node that has nothing to do. */
  async idle(): Promise<Executor> {
    await until(() => (this.front.idle()?.id ?? 0) > 0, "a worker of a node");
    return this.front.idle()!;
  }

  /** A run that a node's worker has begun. It is sent anew if it came late, as on a busy machine, and was refused. */
  async begin(workers: PlayedWorkers, ...lines: string[]): Promise<PlayedRun> {
    for (;;) {
      const run = new PlayedRun(...lines);
      (await this.idle()).send({ runs: [run], cost: 10, unanswered: 1 });
      await until(() => workers.portion !== undefined || run.told.length > 0, "the batch");
      if (workers.portion !== undefined) return run;
      assertEquals(run.told, ["back from 0"]);
    }
  }

  async event(type: ServerEvent["type"]): Promise<ServerEvent> {
    await until(() => this.events.some((event) => event.type === type), `the event ${type}`);
    return this.events.find((event) => event.type === type)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.close();
    for (const node of this.#nodes) await node.close();
    await until(() => this.nats.underWay === 0, "the last messages");
  }
}

Deno.test("Front has a run answered by the worker of a node", async () => {
  await using world = new World();
  const { workers } = world.node();
  const run = await world.begin(workers, "a", "b");
  workers.answer();
  await until(() => run.told.length === 2, "the answer");
  assertEquals(run.told, ['2 0 "a\\nb\\n"', "took"]);
  await world.idle();
});

for (const type of ["batch", "told"] as const) {
  Deno.test(`NodeLink misses a message of type ${type} that got lost, and settles its lines`, async () => {
    await using world = new World();
    const { workers } = world.node();
    let run = new PlayedRun("a", "b");
    if (type === "told") {
      run = await world.begin(workers, "a", "b");
      world.nats.lost = type;
      workers.answer();
    } else {
      const worker = await world.idle();
      world.nats.lost = type;
      worker.send({ runs: [run], cost: 10, unanswered: 1 });
    }
    await until(() => run.told.length === 2, "its end");
    const gone = "ERR the worker machine that had this job is gone\\n";
    assertEquals(run.told, [`2 2 "${gone}${gone}"`, "took"]);
    const lost = await world.event("node_lost");
    assertEquals(lost, {
      type: "node_lost",
      node: "node",
      reason: "messages were lost",
      lines: 2,
    });
    await world.idle(); // by a new link
  });
}

Deno.test("NodeLink gives lines back whose batch met nobody", async () => {
  await using world = new World();
  const { bus } = world.node();
  const worker = await world.idle();
  world.nats.leave(bus);
  const run = new PlayedRun("a", "b");
  worker.send({ runs: [run], cost: 10, unanswered: 1 });
  await until(() => run.told.length > 0, "word of it");
  assertEquals(run.told, ["back from 0"]);
  await world.event("node_lost");
});

Deno.test("Front refuses a node that does not suit, and lets others in", async () => {
  await using world = new World();
  world.node("misfit");
  const refused = await world.event("node_refused");
  assertEquals(refused, { type: "node_refused", node: "misfit", reason: "it is a misfit" });
  assertEquals(world.front.idle(), undefined);
  world.node();
  await world.idle();
});

Deno.test("Front answers ERR while it has no connection, and serves when it has one again", async () => {
  await using world = new World();
  const { workers } = world.node();
  await world.idle();
  world.bus.connected = false;
  world.bus.onChange("it was cut");
  assertEquals(await world.event("nats_lost"), { type: "nats_lost", reason: "it was cut" });
  const run = new PlayedRun("a");
  world.front.idle()!.send({ runs: [run], cost: 1, unanswered: 1 });
  await until(() => run.told.length === 2, "the answer");
  assertMatch(run.told[0], /^1 1 "ERR NATS cannot be reached/);
  world.bus.connected = true;
  world.bus.onChange();
  await world.event("nats_found");
  const again = await world.begin(workers, "b");
  workers.answer();
  await until(() => again.told.length === 2, "the answer");
});

Deno.test("Front and Node pass over what is no message of theirs", async () => {
  await using world = new World();
  const { workers } = world.node();
  await world.idle();
  const other = world.nats.connect();
  const subjects = ["hsha.s.nodes", "hsha.s.fronts"];
  const texts = [
    "",
    "x",
    "\n",
    "{}\n",
    '{"type":"hello"}\n',
    '{"type":"told","link":1}\n',
    "[1]\n",
  ];
  for (const subject of subjects) {
    for (const text of texts) other.publish(subject, new TextEncoder().encode(text));
  }
  const run = await world.begin(workers, "a");
  workers.answer();
  await until(() => run.told.length === 2, "the answer");
  assert(world.events.every(({ type }) => type === "node_joined" || type === "node_refused"));
});

Deno.test("Node gives back what was not begun when its front is not heard of", async () => {
  await using world = new World();
  const { workers } = world.node();
  const worker = await world.idle();
  const [first, second] = [await world.begin(workers, "a"), new PlayedRun("b")];
  worker.send({ runs: [second], cost: 1, unanswered: 1 }); // it waits for the worker
  await new Promise((resolve) => setTimeout(resolve, 20));
  const standstill = performance.now() + 300; // a front that stands still
  while (performance.now() < standstill);
  await until(() => second.told.length > 0, "the second one's return");
  assertEquals(second.told, ["back from 0"]);
  assertEquals(workers.recalls > 0, true);
  workers.answer();
  await until(() => first.told.length === 2, "the first one's answer");
  assertEquals(first.told, ['1 0 "a\\n"', "took"]);
});
