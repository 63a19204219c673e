/** The hop between reactor and worker: whoever waits is woken, and whoever has nothing to do costs nothing. */

import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { Bell, HopReceiver, HopSender } from "../lib/half_sync/memory/hop.ts";
import { BellListener } from "../lib/half_sync/pool/bell_listener.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import type { HopThreadInit } from "./helpers/hop_thread.ts";
import { again } from "./helpers/again.ts";
import { LONG } from "./helpers/long.ts";
import { startServer } from "./helpers/server.ts";

const ROUNDS = LONG.ignore ? 3000 : 10_000;

Deno.test(
  `HopSender and HopReceiver lose no wake-up in ${ROUNDS} rounds (TEST_SEED=${SEED})`,
  LONG,
  async () => {
    const [hop, bell, chance] = [new HopSender(), new Bell(), new Chance(SEED)];
    const thread = new Worker(new URL("./helpers/hop_thread.ts", import.meta.url), {
      type: "module",
    });
    let sent = 0;
    let underWay = 0;
    let messages = 0;
    let done = Promise.withResolvers<void>();
    const listener = new BellListener(bell, {
      rung: () => {
        underWay = -hop.doneSince(sent);
        if (underWay === 0) done.resolve();
      },
      expected: () => underWay > 0,
    });
    const send = () => {
      sent++;
      underWay++;
      listener.expect(chance.happens(0.5) ? 1 : 1000);
      if (!hop.send(chance.integer(1, 16))) return;
      messages++;
      thread.postMessage(null);
    };
    try {
      thread.postMessage(
        { hop: hop.memory, bell: bell.memory, seed: SEED } satisfies HopThreadInit,
      );
      for (let round = 0; round < ROUNDS; round++) {
        done = Promise.withResolvers();
        for (let batches = chance.happens(0.3) ? 2 : 1; batches > 0; batches--) send();
        await within(done.promise, `round ${round}: batch ${sent}`);
        assertEquals(hop.doneSince(sent), 0);
        // Sometimes later, so that the thread is on its way to sleep.
        for (let steps = chance.integer(0, 4000) * chance.integer(0, 1); steps > 0; steps--);
        if (chance.happens(0.02)) {
          await new Promise((resolve) => setTimeout(resolve, chance.integer(0, 4)));
        }
      }
    } finally {
      listener.close();
      thread.terminate();
    }
    assert(messages > ROUNDS / 100, `${messages}: it slept in its event loop`);
    assertLess(messages, sent, "and was woken without a message");
  },
);

Deno.test("HopSender and HopReceiver go on when their counts begin anew behind 2^31 batches", () => {
  // A worker would have run stale lines, and the reactor have waited for ever.
  const before = 2 ** 31 - 2;
  const sender = new HopSender();
  const words = new Int32Array(sender.memory);
  for (const word of [0, 1]) words[word] = before; // sent, done
  const receiver = new HopReceiver(sender.memory, new Bell(), before);
  for (let returned = before; returned < before + 5; returned++) {
    assertEquals(receiver.waiting, false);
    sender.send(1);
    assertEquals(receiver.park(0), true);
    receiver.take();
    assertEquals(sender.doneSince(returned), 0);
    receiver.done();
    assertEquals([sender.doneSince(returned), receiver.waiting], [1, false]);
  }
});

Deno.test(
  "JobLoop gives a handler's timers their turn while lines come without a pause",
  LONG,
  async () => {
    // Without an end of its spells it ran none until the lines were done.
    await using server = await startServer({
      workers: 1,
      source: `let ticks = 0;
      setInterval(() => ticks++, 20);
      export default () => {
        for (const end = performance.now() + 1; performance.now() < end;);
        return String(ticks);
      };`,
    });
    using client = await server.connect();
    const lines = 1000;
    await client.send("\n".repeat(lines)); // a second of work
    assertGreaterOrEqual(Number((await client.replies(lines)).at(-1)), 4, "ticks");
  },
);

Deno.test({
  name: "serve uses no processor time when nobody sends, by four workers that have served",
  ignore: LONG.ignore || Deno.build.os !== "linux",
  // On a busy machine, the end of what came before may be in the second that is measured.
  fn: () =>
    again(async () => {
      await using server = await FaultServer.start(["--workers", "4"]);
      using client = await server.connect();
      const lines = 400;
      await client.send("line\n".repeat(lines));
      await client.replies(lines);
      await new Promise((resolve) => setTimeout(resolve, 500)); // until all of them sleep
      const before = server.usage().cpu;
      await new Promise((resolve) => setTimeout(resolve, 1000)); // what is measured is this time
      const used = server.usage().cpu - before;
      assertLess(used, 0.05, "seconds of processor time, in one second");
    }),
});

Deno.test({
  name: "serve sleeps while its only line takes long, although it looks for the end of a short one",
  ignore: LONG.ignore || Deno.build.os !== "linux",
  fn: async () => {
    using folder = new TemporaryFolder();
    const handler = folder.file("wait.js");
    const source = `export default (line) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(line));
      return line;
    };`;
    Deno.writeTextFileSync(handler, source);
    await using server = await FaultServer.start(["--workers", "2", "--handler", handler]);
    using client = await server.connect();
    for (let short = 0; short < 20; short++) assertEquals(await client.ask("1"), "1");
    const before = server.usage().cpu;
    assertEquals(await client.ask("1500"), "1500");
    const used = server.usage().cpu - before;
    assertLess(used, 0.15, "seconds of processor time, in one and a half");
  },
});

Deno.test(
  `Guard settles every line once at strikes of 50 ms beside two busy loops (TEST_SEED=${SEED})`,
  LONG,
  async () => {
    await using _busy = keepBusy(2);
    using folder = new TemporaryFolder();
    const runs = folder.file("runs");
    await using server = await startServer({
      workers: 2,
      jobTimeout: 0.05,
      maxAbandoned: 99,
      permissions: { write: true },
      source: `export default (line) => {
      Deno.writeTextFileSync(${JSON.stringify(runs)}, line + "\\n", { append: true });
      const [, millis] = line.split(" ");
      for (const end = performance.now() + Number(millis); performance.now() < end;);
      return line;
    };`,
    });
    using client = await server.connect();
    const chance = new Chance(SEED);
    const lines = Array.from({ length: 150 }, (_, index) => `${index} ${millisOf(chance)}`);
    await client.send(`${lines.join("\n")}\n`);
    const replies = await client.replies(lines.length);
    let failed = 0;
    for (const [index, reply] of replies.entries()) {
      if (reply.startsWith("ERR ")) failed++;
      else assertEquals(reply, lines[index]);
    }
    assertGreaterOrEqual(failed, 1);
    const { accepted, answered, failed: counted } = server.server.counters;
    assertEquals([accepted, answered, counted], [lines.length, lines.length - failed, failed]);
    const ran = Deno.readTextFileSync(runs).trimEnd().split("\n");
    assertEquals(ran.length, new Set(ran).size, "no line ran twice");
    await until(() => server.server.counters.abandoned === 0, "the stop of all that hung");
  },
);

/** Milliseconds for a job: few, about the limit, or for ever. */
function millisOf(chance: Chance): number {
  const kind = chance.next();
  if (kind < 0.6) return 0;
  return kind < 0.9 ? chance.integer(30, 70) : 1e9;
}

/** Keeps so many cores busy until it is disposed of. */
function keepBusy(cores: number): AsyncDisposable {
  const command = new Deno.Command("sh", { args: ["-c", "while :; do :; done"] });
  const loops = Array.from({ length: cores }, () => command.spawn());
  return {
    async [Symbol.asyncDispose]() {
      for (const loop of loops) loop.kill("SIGKILL");
      await Promise.all(loops.map((loop) => loop.status));
    },
  };
}
