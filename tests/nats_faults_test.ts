/** What goes wrong with worker machines: they die or freeze, and so does NATS. Real processes, real signals. */

import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { until, within } from "../scripts/tools/deadline.ts";
import type { FaultServer } from "../scripts/tools/fault_server.ts";
import { again } from "./helpers/again.ts";
import { Metrics } from "./helpers/metrics.ts";
import { NatsService, natsTest, nodesOf } from "./helpers/nats.ts";

/** Writes each line that it begins to the file of the worker machine; `sleep N` takes so many milliseconds. */
const WRITING = `export default (line, { args: [file] }) => {
  Deno.writeTextFileSync(file, line + "\\n", { append: true });
  const [deed, millis] = line.split(" ");
  if (deed === "sleep") {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(millis));
  }
  return "did " + line;
};`;

/** The reply to a line that a lost worker machine had. */
const GONE = "ERR the worker machine that had this job is gone";
/** The reply while there is no NATS. */
const AWAY = "ERR NATS cannot be reached, nor any worker machine";

/** A service whose handler writes the lines that it begins. */
async function writingService() {
  const service = await NatsService.start({ source: WRITING });
  const file = service.files.file("begun");
  Deno.writeTextFileSync(file, "");
  return {
    service,
    node: () => service.node({ args: ["--allow-write", "--", file] }),
    /** The lines that were begun so far. */
    begun: () => Deno.readTextFileSync(file).split("\n").slice(0, -1),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** Waits until so many lines wait in a server that has a page. */
async function queued(front: FaultServer, count: number): Promise<void> {
  const { hostname, port } = new URL(String((await front.event("web_listening")).url));
  const place = { hostname, port: Number(port) };
  await Metrics.when(place, "lines that wait", (it) => it.value("hsha_queue_lines") === count);
}

/** The time in milliseconds that something takes. */
async function timed(what: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await what;
  return performance.now() - begun;
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
  natsTest(
    `a worker machine that gets ${signal} costs the line that it was at, within a second`,
    async () => {
      await using world = await writingService();
      const node = await world.node();
      const front = await world.service.front({ args: ["--web", "0"] });
      using client = await front.connect();
      assertEquals(await client.ask("first"), "did first");
      await client.send("sleep 5000\na\nb\n");
      await until(() => world.begun().includes("sleep 5000"), "the line");
      await queued(front, 2); // the lines behind it are taken back
      node.kill(signal);
      assertEquals(await within(client.reply(), "its ERR", 1500), GONE); // 500 of it: a busy machine
      const other = await world.node(); // which has the lines that waited behind that one
      assertEquals(await client.replies(2), ["did a", "did b"]);
      assertEquals(await within(client.ask("second"), "a reply"), "did second");
      if (signal === "SIGSTOP") {
        node.kill("SIGCONT");
        await nodesOf(front, 2); // it is one of them again
        other.kill("SIGTERM");
        assertEquals(await client.ask("third"), "did third");
      }
      const begun = world.begun();
      assertEquals(new Set(begun).size, begun.length, "no line is begun twice");
      const { counters: { accepted, answered, failed, gone } } = await front.stop();
      assertEquals(accepted, answered + failed + gone);
      assertEquals([failed, gone], [1, 0]);
    },
    { stops: signal === "SIGSTOP" },
  );
}

natsTest("lines wait for the next worker machine when the last one leaves", async () => {
  await using world = await writingService();
  const node = await world.node();
  const front = await world.service.front();
  using client = await front.connect();
  assertEquals(await client.ask("first"), "did first");
  node.kill("SIGTERM");
  await node.status;
  await client.send("waits\n");
  await pause(300);
  await world.node();
  assertEquals(await client.reply(), "did waits");
});

natsTest("NATS that dies costs what was under way, ERR at once, and all works again", async () => {
  await using world = await writingService();
  const { service } = world;
  await world.node();
  const front = await service.front();
  using client = await front.connect();
  await client.send("sleep 5000\n");
  await until(() => world.begun().length > 0, "the line");
  await service.nats.down();
  assertEquals(await client.reply(), GONE);
  const times: number[] = [];
  for (const line of ["a", "b", "c"]) {
    const asking = client.ask(line);
    times.push(await timed(asking));
    assertEquals(await asking, AWAY);
  }
  assertLess(Math.min(...times), 100); // the least: a process may wait for a core that is busy
  await service.nats.up();
  let reply = "";
  do reply = await client.ask("again"); while (reply.startsWith("ERR NATS"));
  assertEquals(reply, "did again");
  assertEquals(world.begun(), ["sleep 5000", "again"]);
  const { counters: { accepted, answered, failed, gone } } = await front.stop();
  assertEquals(accepted, answered + failed + gone);
});

natsTest("NATS that freezes costs what was under way, and begins nothing late", async () => {
  await using world = await writingService();
  const { service } = world;
  await world.node();
  const front = await service.front();
  using client = await front.connect();
  using other = await front.connect();
  assertEquals(await client.ask("first"), "did first");
  await service.nats.freeze();
  await client.send("late\n"); // it is in the socket of NATS when that goes on
  assertMatch(await within(client.reply(), "its ERR", 1500), /^ERR /);
  await front.event("nats_lost");
  assertEquals(await other.ask("meanwhile"), AWAY);
  await pause(500);
  service.nats.kill("SIGCONT");
  let reply = "";
  do reply = await client.ask("again"); while (reply.startsWith("ERR"));
  assertEquals(reply, "did again");
  assertEquals(world.begun().filter((line) => line !== "again"), ["first"]);
}, { stops: true });

natsTest("a batch that a worker machine gets late is refused", async () => {
  await using world = await writingService();
  const node = await world.node();
  const front = await world.service.front();
  using client = await front.connect();
  assertEquals(await client.ask("first"), "did first");
  await node.freeze();
  await client.send("late\n"); // it is in the socket of the machine when that goes on
  assertEquals(await client.reply(), GONE);
  node.kill("SIGCONT");
  await nodesOf(front, 1);
  assertEquals(await client.ask("again"), "did again");
  assertEquals(world.begun(), ["first", "again"]);
}, { stops: true });

natsTest(
  "a job that hangs on a worker machine gets its ERR, and its worker a successor",
  async () => {
    await using service = await NatsService.start({
      source: "export default (line) => { while (line === 'hang'); return line; };",
    });
    await service.node({ args: ["--job-timeout", "2"] });
    const front = await service.front();
    using client = await front.connect();
    await client.send("hang\nnext\n");
    assertEquals(await client.replies(2), [
      "ERR the job ran longer than the limit of 2 seconds",
      "next",
    ]);
  },
);

natsTest("a line or a reply that no message holds is refused by name", async () => {
  await using service = await NatsService.start({
    source: "export default (line) => line === 'long' ? 'x'.repeat(2_000_000) : line.length + '';",
  });
  await service.node();
  const front = await service.front({ args: ["--max-line", "3000000"] });
  using client = await front.connect();
  assertEquals(await client.ask("x".repeat(1_040_000)), "1040000");
  assertEquals(
    await client.ask("x".repeat(1_050_000)),
    "ERR line longer than the 1046528 bytes that a message to a worker machine holds",
  );
  assertEquals(await client.ask("\xff".repeat(510_000)), "510000");
  assertEquals(await client.ask("long"), "ERR the reply is longer than the limit of 1046528 bytes");
  assertEquals(await client.ask("after"), "5");
});

natsTest("a worker machine that is stopped while it has a line finishes it", async () => {
  await using world = await writingService();
  const node = await world.node();
  const front = await world.service.front();
  using client = await front.connect();
  await client.send("sleep 700\n");
  await until(() => world.begun().length > 0, "the line");
  node.kill("SIGTERM");
  assertEquals(await client.reply(), "did sleep 700");
  assertEquals((await node.status).code, 0);
});

natsTest("a server that is killed takes its lines along, and no other one's", async () => {
  await using world = await writingService();
  const node = await world.node();
  const doomed = await world.service.front();
  const front = await world.service.front();
  using lost = await doomed.connect();
  using client = await front.connect();
  await lost.send(Array.from({ length: 20 }, (_, n) => `sleep 20${n}\n`).join(""));
  await until(() => world.begun().length > 0, "a line");
  doomed.kill("SIGKILL");
  assertEquals(await client.ask("mine"), "did mine");
  const { code } = (node.kill("SIGTERM"), await node.status);
  assertEquals(code, 0);
  assertGreater(20, world.begun().length - 1); // what was not begun is not begun any more
});

natsTest("two servers that have much to do get about the same", async () => {
  await using service = await NatsService.start({
    source: `export default (line) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return line;
    };`,
  });
  await service.node({ args: ["--workers", "2"] });
  const fronts = [await service.front(), await service.front()];
  await again(async () => {
    const clients = await Promise.all(fronts.map((front) => front.connect()));
    const counts = [0, 0]; // in two seconds, for which one may have no core
    await Promise.all(clients.map((client) => client.send("x\n".repeat(1000))));
    const end = performance.now() + 2000;
    await Promise.all(clients.map(async (client, index) => {
      while (performance.now() < end) {
        await client.reply();
        counts[index]++;
      }
    }));
    clients.forEach((client) => client.close());
    const ratio = counts[0] / counts[1];
    assert(ratio > 0.6 && ratio < 1.7, `${counts}`);
  }, { tries: 3 });
});
