/** Admission: the queue is bounded, and no connection can keep the others out of it. */

import { assertEquals, assertLess } from "@std/assert";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

/** `big N` is answered by N bytes; another line blocks its worker for 2 ms, and is its own reply. */
const HANDLER = `
  const word = new Int32Array(new SharedArrayBuffer(4));
  export default (line) => {
    if (line.startsWith("big ")) return "x".repeat(Number(line.slice(4)));
    Atomics.wait(word, 0, 0, 2);
    return line;
  };`;

/** A client that sends as fast as it can, and reads its replies. */
async function flood(client: LineClient): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  const reads = async () => {
    while (await client.conn.read(buffer) !== null);
  };
  const sends = async () => {
    for (;;) await client.send("greedy\n".repeat(500));
  };
  await Promise.allSettled([reads(), sends()]);
}

/** How many lines are accepted and not answered. */
function unanswered(server: TestServer): number {
  server.server.report();
  return server.eventsOf("counters").at(-1)!.unanswered;
}

for (const [limit, flooders] of [[1, 1], [1, 3], [2, 4], [10, 3], [10, 20], [100, 3]]) {
  Deno.test(`JobQueue admits a polite client beside ${flooders} flooders at a limit of ${limit}`, async () => {
    await using server = await startServer({ source: HANDLER, queueLimit: limit });
    const greedy = await Promise.all(Array.from({ length: flooders }, () => server.connect()));
    const floods = greedy.map(flood);
    await until(() => server.server.counters.accepted > 2 * limit, "a flood");
    using polite = await server.connect();
    for (let count = 0; count < 5; count++) {
      const asked = performance.now();
      assertEquals(await polite.ask(`polite ${count}`), `polite ${count}`);
      assertLess(performance.now() - asked, 5000, "before, it was never answered");
    }
    for (const client of greedy) client.close();
    await Promise.all(floods);
  });
}

Deno.test("JobQueue admits a polite client beside clients that read no reply and fill it", async () => {
  await using server = await startServer({
    source: HANDLER,
    queueLimit: 1000,
    writeTimeout: 60,
    drainTimeout: 0.1,
  });
  const hoarders = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
  const sent = hoarders.map((client) => client.send("big 100000\n".repeat(2000)));
  let quiet = 0;
  for (let last = -1; quiet < 20;) { // until nothing more is answered
    const { answered } = server.server.counters;
    quiet = answered === last && unanswered(server) > 500 ? quiet + 1 : 0;
    last = answered;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  using polite = await server.connect();
  for (let count = 0; count < 5; count++) {
    const asked = performance.now();
    assertEquals(await polite.ask(`polite ${count}`), `polite ${count}`);
    assertLess(performance.now() - asked, 5000);
  }
  for (const client of hoarders) client.close();
  await Promise.allSettled(sent);
});
