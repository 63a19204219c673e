/** Limits of connections: their number, and how long they may do nothing. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { until } from "../scripts/tools/deadline.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

Deno.test("ConnectionSet refuses a connection over --max-connections with an ERR line", async () => {
  await using server = await startServer({ workers: 1, maxConnections: 2 });
  using first = await server.connect();
  const second = await server.connect();
  assertEquals(await first.ask("one"), "1 one");
  assertEquals(await second.ask("two"), "1 two");
  using third = await server.connect();
  assertEquals(await third.restText(), "ERR too many connections: the limit of 2 is reached\n");
  second.close();
  await until(() => {
    server.server.report();
    return server.eventsOf("counters").at(-1)!.connections === 1;
  }, "one connection left");
  using fourth = await server.connect();
  assertEquals(await fourth.ask("four"), "1 four");
  assertEquals(server.server.counters.refused, 1);
});

Deno.test("ConnectionSet refuses a crowd, and reports it as one event", LONG, async () => {
  await using server = await startServer({ workers: 1, maxConnections: 1 });
  using first = await server.connect();
  assertEquals(await first.ask("one"), "1 one");
  const crowd = await Promise.all(Array.from({ length: 300 }, () => server.connect()));
  const rests = await Promise.all(crowd.map((client) => client.rest().catch(() => undefined)));
  for (const client of crowd) client.close();
  assert(rests.every((rest) => rest === undefined || rest.length > 0), "somebody was not told why");
  assertEquals(server.server.counters.refused, 300);
  assertEquals(await first.ask("still here"), "1 still here");
  first.close();
  await until(
    () => server.eventsOf("connection_refused").reduce((sum, { times }) => sum + times, 0) === 300,
    "the report of all 300",
  );
  assertLess(server.eventsOf("connection_refused").length, 5);
});

Deno.test("ConnectionSet closes a silent connection at --idle-timeout, not before", async () => {
  await using server = await startServer({ workers: 1, idleTimeout: 0.4 });
  using client = await server.connect();
  assertEquals(await client.ask("hello"), "1 hello");
  const begun = performance.now();
  assertEquals(await client.restText(), "");
  assertGreater(performance.now() - begun, 300); // the server has counted from a little earlier
});

Deno.test("ConnectionSet keeps a connection whose job runs longer than --idle-timeout", async () => {
  await using server = await startServer({
    workers: 1,
    idleTimeout: 0.2,
    source: `export default (line) => new Promise((done) => setTimeout(() => done(line), 500));`,
  });
  using client = await server.connect();
  assertEquals(await client.ask("slow"), "slow");
});

Deno.test("ConnectionSet keeps a connection whose line waits for room longer than --idle-timeout", async () => {
  // It was closed as idle, without a reply.
  await using server = await startServer({
    workers: 1,
    queueLimit: 1,
    idleTimeout: 0.2,
    source: `export default (line) => new Promise((done) => setTimeout(() => done(line), 500));`,
  });
  using first = await server.connect();
  await first.send("first\n");
  await until(() => {
    server.server.report();
    return server.eventsOf("counters").at(-1)!.unanswered === 1;
  }, "a full queue");
  using second = await server.connect();
  assertEquals(await second.ask("second"), "second");
  assertEquals(await first.reply(), "first");
});

Deno.test("ConnectionSet keeps a connection that sends a byte now and then", LONG, async () => {
  await using server = await startServer({ workers: 1, idleTimeout: 1 });
  using client = await server.connect();
  for (let count = 0; count < 10; count++) {
    await client.send("x");
    await new Promise((resolve) => setTimeout(resolve, 150)); // what a slow client does
  }
  await client.send("\n");
  assertEquals(await client.reply(), "1 xxxxxxxxxx");
});

Deno.test("ConnectionSet closes nobody for silence when --idle-timeout is 0", async () => {
  await using server = await startServer({ workers: 1, idleTimeout: 0, writeTimeout: 0.04 });
  using client = await server.connect();
  assertEquals(await client.ask("hello"), "1 hello");
  await new Promise((resolve) => setTimeout(resolve, 300)); // dozens of its rounds
  assertEquals(await client.ask("still here"), "1 still here");
});

Deno.test("Connection counts lines whose client is gone, and runs none that has not started", async () => {
  await using server = await startServer({
    workers: 1,
    source: `
      const word = new Int32Array(new SharedArrayBuffer(4));
      let run = 0;
      export default (line) => {
        if (line === "run?") return String(run);
        run++;
        Atomics.wait(word, 0, 0, 20);
        return line;
      };`,
  });
  using client = await server.connect();
  using other = await server.connect();
  const lines = 500;
  await client.send("x\n".repeat(lines));
  await until(() => server.server.counters.answered >= 3, "three replies");
  client.close();
  await until(() => {
    const { accepted, answered, failed, gone } = server.server.counters;
    return accepted === lines && accepted === answered + failed + gone;
  }, "every line settled");
  const { answered, gone } = server.server.counters;
  assertGreater(gone, 0);
  const run = Number(await other.ask("run?"));
  assertLess(run, answered + 20, "what waits for a client that is gone is dropped");
});
