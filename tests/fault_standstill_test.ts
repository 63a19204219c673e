/** Faults of a reactor that stands still for a while: suspended, or kept by the program it is a part of. */

import { assertEquals } from "@std/assert";
import { until } from "../scripts/tools/deadline.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** Lets timeouts be looked at some times, and then keeps this thread, and the reactor with it. */
async function standStill(before?: () => void): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300)); // nobody is told of a look
  before?.();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 750);
}

Deno.test(
  "Watchdog counts no time against a job while the reactor stands still",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      jobTimeout: 0.5,
      source: `const word = new Int32Array(new SharedArrayBuffer(4));
      export default (line) => Atomics.wait(word, 0, 0, 300) && line;`,
    });
    using client = await server.connect();
    await client.send("slow\n");
    await until(() => server.server.counters.accepted === 1, "the job under way");
    await standStill();
    assertEquals(await client.reply(), "slow");
    assertEquals(server.eventsOf("worker_replaced"), []);
  },
);

Deno.test(
  "ConnectionSet counts a line that came while the reactor stood still as activity",
  LONG,
  async () => {
    await using server = await startServer({ workers: 1, idleTimeout: 0.5 });
    using client = await server.connect();
    assertEquals(await client.ask("one"), "1 one");
    await standStill(() => void client.send("two\n"));
    assertEquals(await client.reply(), "1 two");
  },
);

Deno.test(
  "ConnectionSet takes no client for one that does not read because the reactor stood still",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      writeTimeout: 0.5,
      source: `export default () => "x".repeat(64_000);`,
    });
    using client = await server.connect();
    const lines = 300;
    await client.send("\n".repeat(lines));
    await until(() => server.server.counters.answered > 0, "replies on their way");
    await standStill();
    await client.finish();
    assertEquals((await client.rest()).length, lines * 64_001);
  },
);
