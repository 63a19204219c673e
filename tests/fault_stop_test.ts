/** Stopping: everything accepted is answered, in time, and nothing holds the exit. */

import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { again } from "./helpers/again.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

const TROUBLE = ["--handler", handlerFile("trouble")];

Deno.test("Server.shutdown answers every line accepted, under load, and refuses what comes after", async () => {
  await using server = await FaultServer.start(["--workers", "2", ...TROUBLE]);
  const clients = await Promise.all(Array.from({ length: 10 }, () => server.connect()));
  let sending = true;
  const transcripts = clients.map(async (client) => {
    let count = 0;
    let reading = true;
    const sent = (async () => {
      try {
        while (sending && reading) {
          const lines = Array.from({ length: 200 }, () => `line ${count++}`);
          await client.send(`sleep 1\n${lines.join("\n")}\n`);
        }
      } catch {
        // the server has closed
      }
    })();
    const text = await client.restText();
    reading = false;
    await sent;
    return text;
  });
  for (let waited = 0; (await server.counters()).counters.answered < 2000; waited++) {
    assert(waited < 1000, "the server answers nothing");
  }
  server.kill("SIGTERM");
  await server.event("stopping");
  await assertRejects(() => exchangeText(server.addr, "too late\n"), Error);
  assertEquals((await server.status).code, 0);
  sending = false;
  let replies = 0;
  for (const text of await Promise.all(transcripts)) {
    assert(text.endsWith("\n"), "no half-written reply");
    const lines = text.split("\n").slice(0, -1);
    replies += lines.length;
    const numbers = lines.filter((line) => !line.includes("sleep"))
      .map((line) => Number(line.match(/^\d line (\d+)$/)?.[1]));
    numbers.forEach((number, index) => assertEquals(number, index, "in order, none is missing"));
  }
  const stopped = server.log.findLast(({ type }) => type === "stopped")!;
  const { accepted, answered, failed, gone } = stopped.counters as Record<string, number>;
  assertEquals([failed, gone], [0, 0]);
  assertEquals(accepted, answered);
  assertEquals(replies, answered, "each line counted as answered has reached its client");
  for (const client of clients) client.close();
});

Deno.test(
  "Server.shutdown is not held by a stuck job longer than --drain-timeout",
  LONG,
  async () => {
    await Promise.all(["hang", "forever", "sleep 60000"].map(async (deed) => {
      await using server = await FaultServer.start(
        ["--workers", "2", "--drain-timeout", "0.5", ...TROUBLE],
      );
      using client = await server.connect();
      await client.send(`${deed}\n${"quick\n".repeat(20)}`);
      await server.counted(({ unanswered }) => unanswered === 1); // 20 have run, and their replies wait for their turn
      const begun = performance.now();
      const { code, counters } = await server.stop();
      assertLess(performance.now() - begun, 5000);
      assertEquals(code, 0, deed);
      assertEquals(counters, { ...counters, accepted: 21, answered: 0, gone: 21 }, deed);
      assertEquals(await client.restText(), "", "the stuck line was the first, and none was cut");
    }));
  },
);

Deno.test(
  "Server.shutdown at its deadline settles waiting lines, those under way and held replies",
  LONG,
  async () => {
    await using server = await FaultServer.start(
      ["--workers", "1", "--drain-timeout", "0.3", ...TROUBLE],
    );
    using client = await server.connect();
    using other = await server.connect();
    await client.send(`sleep 5000\n${"waits\n".repeat(100)}`);
    await other.send("waits too\n".repeat(100));
    await server.counted(({ unanswered }) => unanswered === 201);
    const { code, counters } = await server.stop();
    assertEquals(code, 0);
    assertEquals(counters.accepted, 201);
    assertEquals(counters.accepted, counters.answered + counters.failed + counters.gone);
  },
);

Deno.test("A second signal ends the server at once", LONG, async () => {
  const signals = [["SIGINT", 130], ["SIGTERM", 143]] as const;
  await Promise.all(signals.map(([signal, code]) =>
    again(async () => {
      await using server = await FaultServer.start(["--workers", "1", ...TROUBLE]);
      using client = await server.connect();
      await client.send("sleep 30000\n");
      await server.counted(({ unanswered }) => unanswered === 1);
      server.kill(signal);
      await server.event("stopping");
      const begun = performance.now();
      server.kill(signal);
      assertEquals((await server.status).code, code);
      assertLess(performance.now() - begun, 2000);
    })
  ));
});

Deno.test("Server.shutdown waits for refused clients no longer than --drain-timeout", () =>
  again(async () => {
    await using server = await startServer({ workers: 1, maxConnections: 1, drainTimeout: 0.1 });
    using _served = await server.connect();
    await until(() => server.server.counters.connections === 1, "the one that is served");
    using refused = await server.connect();
    assertMatch(await refused.reply(), /^ERR too many connections/); // and it stays
    const begun = performance.now();
    await server.server.shutdown();
    assertLess(performance.now() - begun, 900);
  }));

Deno.test("Server.shutdown closes idle clients at once", () =>
  again(async () => {
    await using server = await FaultServer.start(["--workers", "1"]);
    const clients = await Promise.all(Array.from({ length: 50 }, () => server.connect()));
    for (const client of clients) assertMatch(await client.ask("hello"), /^1 hello$/);
    const begun = performance.now();
    const rests = clients.map((client) => client.restText());
    assertEquals((await server.stop()).code, 0);
    assertLess(performance.now() - begun, 2000);
    assertEquals((await Promise.all(rests)).join(""), "");
    for (const client of clients) client.close();
  }));

Deno.test(
  "Server.shutdown answers lines read from a client that is paused by back pressure",
  LONG,
  async () => {
    // Those that waited for room were given up.
    await using server = await FaultServer.start(
      ["--workers", "1", "--queue-limit", "10", ...TROUBLE],
    );
    using client = await server.connect();
    await client.send(`sleep 3000\n${"more\n".repeat(100)}`); // one packet, and so one read
    await server.counted(({ unanswered }) => unanswered >= 2);
    const text = client.restText();
    const { code, counters } = await server.stop();
    assertEquals(code, 0);
    assertEquals(counters, { ...counters, answered: counters.accepted, failed: 0, gone: 0 });
    const replies = (await text).split("\n");
    assertEquals(replies[0], "1 sleep 3000");
    assertEquals([replies.length - 1, counters.accepted], [101, 101]);
  },
);

Deno.test(
  "Server.shutdown loses no reply of a client that reads late and still sends",
  LONG,
  async () => {
    // Its connection was closed while it sent, and the reset took along what it had not read.
    await using server = await FaultServer.start(["--workers", "2"]);
    using client = await server.connect();
    const lines = Array.from({ length: 10_000 }, (_, index) => `${index} ${"x".repeat(90)}`);
    await client.send(`${lines.join("\n")}\n`);
    await server.counted(({ counters }) => counters.answered >= lines.length);
    server.kill("SIGTERM");
    await server.event("stopping");
    // Again and again, unless a pause of this process leaves it silent for so long that it may be closed.
    for (let sent = 0, last = performance.now(); sent < 8; sent++) {
      if (performance.now() - last > 80) break;
      last = performance.now();
      await client.send("ignored\n");
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    const replies = (await client.restText()).split("\n").slice(0, -1);
    assertEquals(replies.map((reply) => reply.slice(2)), lines);
    client.close();
    assertEquals((await server.status).code, 0);
  },
);

Deno.test(
  "Server.shutdown gives up a client that does not read its replies, at the deadline",
  LONG,
  async () => {
    await using server = await FaultServer.start(
      ["--workers", "2", "--drain-timeout", "0.5", ...TROUBLE],
    );
    using client = await server.connect();
    await client.send("big 15000000\n".repeat(8));
    await server.counted(({ counters }) => counters.answered > 0);
    const begun = performance.now();
    const { code, counters } = await server.stop();
    assertEquals(code, 0);
    assertLess(performance.now() - begun, 5000);
    assertEquals(counters.accepted, counters.answered + counters.failed + counters.gone);
  },
);
