/** One-way senders: what they sent is not lost at a stop, and what they never read is never written. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { createLog } from "../lib/log.ts";
import type { LineClient } from "./helpers/client.ts";
import { until, within } from "./helpers/deadline.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

/** A line that begins with `t` throws, one with `s` blocks its worker for 20 ms. */
const HANDLER = `
  const word = new Int32Array(new SharedArrayBuffer(4));
  export default (line) => {
    if (line[0] === "t") throw new Error("thrown");
    if (line[0] === "s") Atomics.wait(word, 0, 0, 20);
    return line;
  };`;

/** Sends numbered lines until `ends`, or until the server has closed. @returns how many */
async function sendUntil(client: LineClient, ends: () => boolean): Promise<number> {
  let sent = 0;
  try {
    for (; !ends(); sent++) await client.send(`line ${sent}\n`);
  } catch {
    // the server has closed
  }
  return sent;
}

/** Whether every line accepted is accounted for. */
function balanced({ server }: TestServer): boolean {
  const { accepted, answered, failed, gone } = server.counters;
  return accepted === answered + failed + gone;
}

Deno.test("Connection writes nothing with --replies none, whatever comes", async () => {
  for (const order of ["request", "completion", "serial"] as const) {
    await using server = await startServer({
      source: HANDLER,
      order,
      replies: "none",
      overload: "reject",
      queueLimit: 3,
      maxLine: 100,
      maxConnections: 1,
    });
    using client = await server.connect();
    await client.send(`one\nthrow\n${"x".repeat(101)}\n${"slow\n".repeat(20)}last`);
    await until(() => server.server.counters.accepted >= 23, "all lines");
    using refused = await server.connect();
    assertEquals((await refused.rest()).length, 0);
    assertEquals(server.server.counters.refused, 1);
    await client.finish();
    assertEquals((await client.rest()).length, 0);
    const { accepted, failed } = server.server.counters;
    assertEquals(accepted, 24);
    assertGreater(failed, 2, "thrown, too long, over the limit");
    assert(balanced(server));
  }
});

Deno.test("Server.shutdown with --replies none takes all that is sent until a client has seen the half-close", async () => {
  await using server = await startServer({ source: HANDLER, replies: "none" });
  const clients = await Promise.all(Array.from({ length: 3 }, () => server.connect()));
  const sent = clients.map(async (client) => {
    let told = false;
    const rest = client.rest().then(() => told = true);
    const count = await sendUntil(client, () => told);
    await client.finish();
    await rest;
    return count;
  });
  await until(() => server.server.counters.accepted > 1000, "lines");
  const before = server.server.counters.accepted;
  await server.server.shutdown();
  const total = (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
  const { accepted, answered, discarded } = server.server.counters;
  assertEquals([accepted, answered, discarded], [total, total, 0]);
  assertGreater(accepted, before);
  for (const client of clients) client.close();
});

Deno.test("Server.shutdown with --replies none goes on while lines wait for room, and ends with silence", async () => {
  await using server = await startServer({
    workers: 1,
    source: HANDLER,
    replies: "none",
    queueLimit: 2,
  });
  using client = await server.connect();
  const lines = 60; // 1.2 s of work, read at once
  await client.send("slow\n".repeat(lines));
  await until(() => server.server.counters.accepted > 0, "the first line");
  await server.server.shutdown(); // the client stays, and sends no more
  const { accepted, answered } = server.server.counters;
  assertEquals([accepted, answered], [lines, lines]);
});

Deno.test("Server.shutdown with --replies none leaves a client that never stops at --drain-timeout", async () => {
  await using server = await startServer({ source: HANDLER, replies: "none", drainTimeout: 1 });
  using client = await server.connect();
  let over = false;
  const sent = sendUntil(client, () => over);
  await until(() => server.server.counters.accepted > 100, "lines");
  const stop = server.server.shutdown();
  const before = server.server.counters.accepted;
  await until(() => server.server.counters.accepted > before + 100, "lines behind the stop");
  await stop;
  assert(balanced(server));
  await sent; // ends by itself: it is told by a reset
  over = true;
});

Deno.test("ConnectionSet closes a silent one-way connection at --idle-timeout, if there is one", async () => {
  await using server = await startServer({ workers: 1, replies: "none", idleTimeout: 0.2 });
  using client = await server.connect();
  await client.send("hello\n");
  assertEquals((await client.rest()).length, 0);
  assertEquals(server.server.counters.answered, 1);
});

Deno.test("Server.shutdown closes at once a connection to which nothing was ever written", async () => {
  // For up to 5 s it read and threw away what a syslog sender sent, to which it was as good as delivered.
  await using server = await startServer({ workers: 1 });
  using client = await server.connect();
  const sent = (async () => {
    for (;;) {
      await client.send("x");
      await new Promise((resolve) => setTimeout(resolve, 5)); // what a slow sender does
    }
  })().catch((error: Error) => error);
  await until(() => server.server.counters.connections === 1, "the connection");
  await server.server.shutdown();
  assertEquals(server.server.counters.discarded, 0);
  assert(await within(sent, "the end of the client") instanceof Error);
});

Deno.test("Server.shutdown counts and logs what it throws away of a client that had a reply", async () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  await using server = await startServer({ workers: 1, onEvent: log });
  using client = await server.connect();
  assertEquals(await client.ask("hello"), "1 hello");
  let over = false;
  const sent = sendUntil(client, () => over);
  await until(() => server.server.counters.accepted > 10, "lines");
  const rest = client.rest().catch(() => {});
  await server.server.shutdown();
  over = true;
  await Promise.all([sent, rest]);
  const { discarded } = server.server.counters;
  assertGreater(discarded, 0);
  assertEquals(server.eventsOf("input_discarded"), [
    { type: "input_discarded", bytes: discarded, connections: 1 },
  ]);
  const told = lines.find((line) => line.includes(`threw away ${discarded} bytes`));
  assert(told !== undefined, lines.join(""));
  assertLess(lines.indexOf(told), lines.findIndex((line) => line.includes(" stopped;")));
});
