/** The limit of unanswered lines: exact, in either mode, with its low water mark. */

import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { until } from "../scripts/tools/deadline.ts";
import { startServer, type TestServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** Blocks for as many milliseconds as the line says, and answers it. */
const SLEEPER = `
  const word = new Int32Array(new SharedArrayBuffer(4));
  export default (line) => {
    Atomics.wait(word, 0, 0, Number(line.split(" ")[0]));
    return line;
  };`;

/** What the server counts now. */
function count(server: TestServer) {
  server.server.report();
  return server.eventsOf("counters").at(-1)!;
}

Deno.test(
  "JobQueue takes no line over its limit in pause mode, and takes all in the end",
  LONG,
  async () => {
    await Promise.all([1, 2, 10, 1000].map(async (limit) => {
      await using server = await startServer({ source: SLEEPER, workers: 1, queueLimit: limit });
      const clients = [await server.connect(), await server.connect(), await server.connect()];
      await clients[0].send("300\n");
      await until(() => count(server).unanswered === 1, "the first line accepted");
      const lines = Array.from({ length: 700 }, (_, index) => `0 line ${index}`);
      for (const client of clients) await client.send(`${lines.join("\n")}\n`);
      await until(() => count(server).unanswered >= Math.ceil(limit / 2), "a queue in use");
      let most = 0;
      const all = clients.map((client, index) => client.replies(700 + (index === 0 ? 1 : 0)));
      const done = Promise.all(all);
      let waiting = true;
      void done.finally(() => waiting = false);
      while (waiting) {
        most = Math.max(most, count(server).unanswered);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assertLessOrEqual(most, limit);
      for (const replies of await done) assertEquals(replies.slice(-700), lines);
      for (const client of clients) client.close();
    }));
  },
);

Deno.test("Connection goes on at a low water mark, not at each line answered", LONG, async () => {
  await using server = await startServer({ source: SLEEPER, workers: 1, queueLimit: 30 });
  using client = await server.connect();
  const lines = Array.from({ length: 120 }, () => "10");
  await client.send(`${lines.join("\n")}\n`);
  let last = count(server);
  let resumed = 0;
  while (last.counters.answered < 120) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = count(server);
    if (now.counters.accepted > last.counters.accepted && last.counters.accepted > 0) resumed++;
    last = now;
  }
  assertEquals(await client.replies(120), lines);
  assertGreater(resumed, 3);
  assertLess(resumed, 60, "at least two lines each time");
});

Deno.test("JobQueue rejects exactly the lines over its limit in reject mode", async () => {
  await Promise.all([1, 10].map(async (limit) => {
    await using server = await startServer({
      source: SLEEPER,
      workers: 1,
      queueLimit: limit,
      overload: "reject",
    });
    using client = await server.connect();
    const lines = Array.from(
      { length: 30 },
      (_, index) => `${index === 0 ? 300 : 0} line ${index}`,
    );
    await client.send(`${lines.join("\n")}\n`); // one packet, and so one decision
    const overloaded = `ERR overloaded: the limit of ${limit} unanswered lines is reached`;
    const expected = lines.map((line, index) => index < limit ? line : overloaded);
    assertEquals(await client.replies(30), expected);
    assertEquals(await client.ask("0 again"), "0 again");
    const { counters } = count(server);
    assertEquals(counters.accepted, 31);
    assertEquals(counters.failed, 30 - limit);
  }));
});

Deno.test("JobQueue counts the lines of all connections together", async () => {
  await using server = await startServer({
    source: SLEEPER,
    workers: 1,
    queueLimit: 5,
    overload: "reject",
  });
  using first = await server.connect();
  using second = await server.connect();
  await first.send("1000\n0\n0\n0\n0\n");
  await until(() => count(server).unanswered === 5, "a full queue");
  assertEquals(
    await second.ask("0"),
    "ERR overloaded: the limit of 5 unanswered lines is reached",
  );
  assertEquals((await first.replies(5)).length, 5);
  assertEquals(await second.ask("0"), "0");
});

Deno.test("Connection goes on when it was paused by its own bytes while others fill the queue", async () => {
  await using server = await startServer({
    source: `
      const word = new Int32Array(new SharedArrayBuffer(4));
      export default (line) => {
        if (line.startsWith("big")) return "x".repeat(8_000_000);
        Atomics.wait(word, 0, 0, Number(line));
        return line;
      };`,
    workers: 1,
    queueLimit: 1,
  });
  using deaf = await server.connect();
  using other = await server.connect();
  await deaf.send("big\n");
  await until(() => count(server).counters.answered === 1, "the long reply");
  await deaf.send("0\n0\n"); // waits: the long reply has not been read
  await other.send("300\n");
  await until(() => count(server).unanswered === 1, "a full queue");
  assertEquals((await deaf.reply()).length, 8_000_000); // its bytes leave while the queue is full
  assertEquals(await deaf.replies(2), ["0", "0"]);
  assertEquals(await other.reply(), "300");
});

Deno.test("Connection has as many of its longest lines under way as there are workers", async () => {
  await using server = await startServer({ source: SLEEPER, workers: 6 });
  using client = await server.connect();
  const lines = Array.from({ length: 6 }, () => `600 ${"x".repeat(60_000)}`);
  await client.send(`${lines.join("\n")}\n`);
  await until(() => count(server).unanswered === 6, "six lines under way");
  assertEquals(await client.replies(6), lines);
});
