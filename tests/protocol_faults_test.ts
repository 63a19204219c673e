/** Faults of connections that are pinned, greeted or ended: each was found by a hostile reading. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Executor } from "../lib/queueing/executor.ts";
import { Flow } from "../lib/queueing/flow.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import { PinnedLanes } from "../lib/queueing/pinned_lanes.ts";
import { settingsOf } from "../lib/handlers/defaults.ts";
import { until } from "../scripts/tools/deadline.ts";
import { CAPACITY } from "./helpers/flows.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

Deno.test("Watchdog watches pinned jobs, too: one that never settles gets its ERR", async () => {
  await using server = await startServer({
    workers: 1,
    order: "pinned",
    jobTimeout: 0.3,
    source: `export default () => new Promise(() => {});`,
  });
  using client = await server.connect();
  await client.send("a\n");
  assertMatch(await client.restText(), /^ERR the job ran longer than the limit of 0\.3 seconds\n$/);
});

Deno.test(
  "Guard strikes at no line of a long pinned run that keeps within its time",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      order: "pinned",
      jobTimeout: 2,
      source: `const word = new Int32Array(new SharedArrayBuffer(4));
      export default (line) => (Atomics.wait(word, 0, 0, 300), line);`,
    });
    using client = await server.connect();
    // More work than the job timeout and the 0.8 s behind it, after which a guard strikes.
    const lines = Array.from({ length: 11 }, (_, index) => `line ${index}`);
    await client.send(`${lines.join("\n")}\n`);
    assertEquals(await client.replies(lines.length), lines);
    assertEquals(server.server.counters.replaced, 0);
  },
);

Deno.test(
  "serve closes a pinned connection whose open waits when its worker is lost",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      order: "pinned",
      jobTimeout: 2,
      source: `export const open = () => "hello";
      export default (line) => { for (;;); };`,
    });
    using first = await server.connect();
    assertEquals(await first.reply(), "hello");
    await first.send("hang\n");
    await until(() => server.server.counters.accepted === 1, "the line");
    using second = await server.connect(); // its open waits behind the line
    assertMatch(await first.restText(), /^ERR the job ran longer/);
    assertEquals(await second.restText(), "");
  },
);

Deno.test("Server.shutdown lets handlers hear of the end of every pinned connection", async () => {
  const folder = await Deno.makeTempDir();
  await using server = await startServer({
    workers: 2,
    order: "pinned",
    permissions: { write: [folder] },
    source: `export default (line) => line;
      export const close = () => void Deno.makeTempFileSync({ dir: ${JSON.stringify(folder)} });`,
  });
  const clients = await Promise.all(Array.from({ length: 30 }, () => server.connect()));
  for (const client of clients) assertEquals(await client.ask("a"), "a");
  await server.server.shutdown();
  for (const client of clients) client[Symbol.dispose]();
  assertEquals([...Deno.readDirSync(folder)].length, 30);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Session counts each line once, though two jobs of a connection end it", async () => {
  await using server = await startServer({
    workers: 4,
    source: `const word = new Int32Array(new SharedArrayBuffer(4));
      export default (line, context) => {
        Atomics.wait(word, 0, 0, Number(line.split(" ")[1]));
        if (line.startsWith("end")) context.end();
        return line;
      };`,
  });
  for (let round = 0; round < 20; round++) {
    using client = await server.connect();
    const behind = Array.from({ length: 20 }, (_, index) => `line ${index % 3}`);
    await client.send(["line 1", "end 30", "line 2", "end 1", ...behind, ""].join("\n"));
    assertEquals(await client.restText(), "line 1\nend 30\n");
  }
  await server.server.shutdown();
  const { accepted, answered, failed, gone } = server.server.counters;
  assertEquals([accepted, answered, failed, gone], [20 * 24, 20 * 2, 0, 20 * 22]);
});

/** An executor that is only told apart. */
const executorOf = (id: number): Executor => ({
  id,
  load: 0,
  idle: true,
  hasRoom: true,
  send() {},
});

Deno.test("PinnedLanes seats a flow that came when there was no executor, and keeps no lane of one that is gone", () => {
  const lanes = new PinnedLanes();
  const unseated = lanes.leastLane([]);
  assertEquals(lanes.leastLane([]), unseated);
  const [one, two] = [executorOf(1), executorOf(2)];
  lanes.seat([one, two]);
  assertEquals([...lanes.lanes.values()], [unseated]);
  lanes.leastLane([one, two]);
  lanes.expel(one, "gone", false);
  lanes.expel(two, "gone", false);
  assertEquals(lanes.lanes.size, 0);
});

Deno.test("Flow has its close job although its last line was given up and taken back", () => {
  const queue = new JobQueue({ limit: 100, serial: true, capacity: CAPACITY });
  const lane = queue.pinned.leastLane([executorOf(1)]);
  const sink = { blocked: false, answered() {}, executorLost() {} };
  const flow = new Flow(queue, sink, { lane });
  const block = (text: string) => flow.push(new LineBlock(text, 1));
  block("a");
  const [first] = queue.take(1000, lane)!.runs;
  first.answered({ lines: 1, bytes: new Uint8Array(), failed: 0, ends: false });
  block("b");
  const [run] = queue.take(1000, lane)!.runs;
  assertEquals(flow.drop(), 1);
  run.takeBack(0);
  const close = queue.take(1000, lane);
  assertEquals(close?.runs.map(({ kind }) => kind), ["close"]);
  close!.runs[0].answered({ lines: 1, bytes: new Uint8Array(), failed: 0, ends: false });
  assertEquals(lane.size, 0);
});

Deno.test("Flow has no close job if no job of its connection was ever started", () => {
  const queue = new JobQueue({ limit: 100, serial: true, capacity: CAPACITY });
  const lane = queue.pinned.leastLane([executorOf(1)]);
  const flow = new Flow(queue, { blocked: false, answered() {}, executorLost() {} }, { lane });
  flow.open();
  const [run] = queue.take(1000, lane)!.runs;
  flow.drop();
  run.takeBack(0);
  assertEquals(queue.take(1000, lane), undefined);
  assertEquals(lane.size, 0);
});

Deno.test("settingsOf takes nothing but a plain object for a handler's defaults", () => {
  for (const defaults of [null, [], "x", 1, new Map([["order", "serial"]])]) {
    let message = "";
    try {
      settingsOf({}, defaults);
    } catch (error) {
      message = (error as Error).message;
    }
    assert(message.startsWith('its export "defaults" is '), message);
  }
});
