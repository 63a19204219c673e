/** One-way senders: what they sent is not lost at a stop, and what they never read is never written. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { createLog } from "../lib/observe/log.ts";
import { CAPACITY } from "./helpers/flows.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { newCounters } from "../lib/observe/counters.ts";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { connectionSet, StalledConn } from "./helpers/connection_set.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

/** A line that begins with `t` throws, one with `s` blocks its worker for 20 ms. */
const HANDLER = `
  const word = new Int32Array(new SharedArrayBuffer(4));
  export default (line) => {
    if (line[0] === "t") throw new Error("thrown");
    if (line[0] === "s") Atomics.wait(word, 0, 0, 20);
    return line;
  };`;

/** Writes a text into a buffer. @returns its length */
function encodeInto(text: string, buffer: Uint8Array): number {
  return new TextEncoder().encodeInto(text, buffer).written;
}

/** Sends numbered lines until `ends`, or until the server has closed. @returns how many */
async function sendUntil(client: LineClient, ends: () => boolean): Promise<number> {
  let sent = 0;
  try {
    for (; !ends(); sent++) {
      await client.send(`line ${sent}\n`);
      if (sent % 100 === 0) await new Promise((resolve) => setTimeout(resolve)); // others have a turn
    }
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
  const orders = ["request", "completion", "serial"] as const;
  await Promise.all(orders.map(async (order) => {
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
  }));
});

Deno.test("ConnectionSet.end takes all that a one-way client sends until it has seen the half-close, and runs it", async () => {
  const queue = new JobQueue({ limit: 1000, serial: false, capacity: CAPACITY });
  const counters = newCounters();
  const connections = connectionSet({ queue, counters, replies: "none" });
  let left = Infinity;
  const client = new StalledConn({
    closeWrite: () => Promise.resolve(void (left = 50)), // so many lines are on their way
    read: (buffer: Uint8Array) =>
      new Promise<number | null>((resolve) =>
        setTimeout(() => resolve(left-- > 0 ? encodeInto("line\n", buffer) : null), 5)
      ),
  } as Partial<Deno.TlsConn>);
  await connections.add(client.conn);
  await until(() => counters.accepted > 3, "lines");
  const before = counters.accepted;
  const stop = connections.end();
  await until(() => left < 0, "the end of the client");
  assertGreater(counters.accepted, before + 48);
  await new Promise((resolve) => setTimeout(resolve, 200)); // as long as the slowest job takes
  assert(!client.closed, "its lines were given up");
  for (let taken = queue.take(1e6); taken !== undefined; taken = queue.take(1e6)) {
    for (const run of taken.runs) {
      run.answered({ lines: run.count, bytes: new Uint8Array(), failed: 0, ends: false });
    }
  }
  await within(stop, "the stop");
  const { accepted, answered, discarded, gone } = counters;
  assertEquals([answered, discarded, gone], [accepted, 0, 0]);
});

Deno.test("Server.shutdown with --replies none runs every line that it takes from clients that send on", async () => {
  await using server = await FaultServer.start(["--replies", "none"]);
  const clients = await Promise.all(Array.from({ length: 3 }, () => server.connect()));
  const sent = clients.map(async (client) => {
    let told = false;
    const rest = client.rest().catch(() => {}).then(() => told = true);
    await sendUntil(client, () => told);
    await client.finish().catch(() => {});
    await rest;
  });
  await server.counted(({ counters }) => counters.accepted >= 1000);
  const { code, counters } = await server.stop();
  await Promise.all(sent);
  assertEquals([code, counters.answered, counters.gone], [0, counters.accepted, 0]);
  for (const client of clients) client.close();
});

Deno.test(
  "Server.shutdown with --replies none goes on while lines wait for room, and ends with silence",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      source: HANDLER,
      replies: "none",
      queueLimit: 2,
    });
    using client = await server.connect();
    const lines = 25; // 0.5 s of work, read at once
    await client.send("slow\n".repeat(lines));
    await until(() => server.server.counters.accepted > 0, "the first line");
    await client.send("slow\n".repeat(lines)); // not read before the others have found room
    await server.server.shutdown(); // the client stays, and sends no more
    const { accepted, answered } = server.server.counters;
    assertEquals([accepted, answered], [2 * lines, 2 * lines]);
  },
);

Deno.test("Server.shutdown with --replies none leaves a client that never stops at --drain-timeout", async () => {
  await using server = await startServer({ source: HANDLER, replies: "none", drainTimeout: 0.4 });
  using client = await server.connect();
  let over = false;
  const sent = sendUntil(client, () => over);
  await until(() => server.server.counters.accepted > 100, "lines");
  const begun = performance.now();
  await server.server.shutdown();
  assertGreater(performance.now() - begun, 350, "it goes on until then");
  const [lost] = server.eventsOf("connection_lost");
  assertEquals(lost.reason, "the server stops");
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

Deno.test(
  "Server.shutdown counts and logs what it throws away of a client that had a reply",
  LONG,
  async () => {
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
  },
);
