/** Faults of jobs that do not end: --job-timeout, workers abandoned, --max-abandoned. */

import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertMatch } from "@std/assert";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { workerThreads } from "../scripts/tools/usage.ts";
import { LONG } from "./helpers/long.ts";

/** CPU seconds that the server takes within so many milliseconds. */
async function cpuIn(server: FaultServer, millis: number): Promise<number> {
  const before = server.usage().cpu;
  await new Promise((resolve) => setTimeout(resolve, millis));
  return server.usage().cpu - before;
}

const TROUBLE = ["--handler", handlerFile("trouble")];

Deno.test("Watchdog fails a job at the job timeout, neither before nor much later", async () => {
  await using server = await FaultServer.start(
    ["--workers", "2", "--job-timeout", "1", "--max-abandoned", "9", ...TROUBLE],
  );
  using client = await server.connect();
  const begun = performance.now();
  // By either worker: on a busy machine a line that is not begun soon is taken back, and given to the other.
  assertMatch(await client.ask("sleep 300"), /^[12] sleep 300$/);
  const asked = performance.now();
  assertGreaterOrEqual(asked - begun, 299);
  assertEquals(
    await client.ask("forever"),
    "ERR the job ran longer than the limit of 1 second",
  );
  const took = performance.now() - asked;
  assertGreaterOrEqual(took, 990);
  assertLess(took, 5000);
});

for (const deed of ["hang", "catchAll", "wait", "regex", "json", "sleep 60000"]) {
  Deno.test(
    `Guard stops a job that does not end (${deed}), and its thread is gone`,
    LONG,
    async () => {
      await using server = await FaultServer.start(
        ["--workers", "2", "--job-timeout", "1", "--max-abandoned", "1", ...TROUBLE],
      );
      using client = await server.connect();
      assertMatch(await client.ask("who?"), /who\?$/);
      await client.send(`${deed}\nbehind it\n`);
      assertEquals(await client.reply(), "ERR the job ran longer than the limit of 1 second");
      assertMatch(await client.reply(), /^[12] behind it$/);
      const deadline = performance.now() + 20_000;
      while (workerThreads(server.pid) > 2 || await cpuIn(server, 300) > 0.15) {
        assert(performance.now() < deadline, "its thread is still there, or at work");
      }
      assertMatch(await client.ask("who?"), /who\?$/);
      const { code, counters } = await server.stop();
      assertEquals([code, counters.abandoned, counters.replaced], [0, 0, 1]);
      assertEquals(server.log.filter(({ type }) => type === "worker_abandoned"), []);
    },
  );
}

Deno.test(
  "WorkerPool counts a worker abandoned as long as it is stuck, and not one that waits",
  LONG,
  async () => {
    await using server = await FaultServer.start(
      ["--workers", "2", "--job-timeout", "1", "--max-abandoned", "9", ...TROUBLE],
    );
    using client = await server.connect();
    assertMatch(await client.ask("await 60000"), /^ERR the job ran longer/);
    assertMatch(await client.ask("nap 8000"), /^ERR the job ran longer/);
    await server.event("worker_abandoned");
    assertEquals(
      (await server.counters()).counters.abandoned,
      1,
      "the one that waits is not stuck",
    );
    const deadline = performance.now() + 30_000;
    while ((await server.counters()).counters.abandoned > 0) {
      assert(performance.now() < deadline, "the worker that came back is still counted");
      await client.ask("tick");
    }
    assertEquals((await server.stop()).counters.replaced, 2);
  },
);

Deno.test(
  "WorkerPool takes a worker back that answers late whether it is stuck",
  LONG,
  async () => {
    await using server = await FaultServer.start(
      ["--workers", "2", "--job-timeout", "0.3", "--max-abandoned", "9", ...TROUBLE],
    );
    using client = await server.connect();
    assertMatch(await client.ask("drowsy"), /^ERR the job ran longer/);
    await server.event("worker_abandoned");
    for (let tries = 0; (await server.counters()).counters.abandoned > 0; tries++) {
      assert(tries < 200, "before, it was counted for ever");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertMatch(await client.ask("hello"), /hello$/);
  },
);

Deno.test(
  "WorkerPool drains and ends the server when --max-abandoned is reached",
  LONG,
  async () => {
    await using server = await FaultServer.start(
      ["--workers", "2", "--job-timeout", "0.4", "--max-abandoned", "2", ...TROUBLE],
    );
    using client = await server.connect();
    using other = await server.connect();
    await client.send("stuck\nstuck\n");
    await other.send("sleep 1\nlast words");
    await other.finish();
    assertEquals((await client.replies(2)).filter((reply) => reply.startsWith("ERR ")).length, 2);
    assertMatch(await other.restText(), /^\d sleep 1\n\d last words\n$/);
    assertEquals((await server.status).code, 1);
    assertMatch(server.lines.at(-1)!, /2 workers are stuck in jobs that do not end$/);
    const stopped = server.log.findLast(({ type }) => type === "stopped")!;
    const counters = stopped.counters as Record<string, number>;
    const { accepted, answered, failed, gone, abandoned } = counters;
    assertEquals(accepted, answered + failed + gone);
    assertEquals(abandoned, 2, "they were forgotten at the stop");
  },
);

Deno.test("Watchdog lets a job run for ever when the job timeout is 0", async () => {
  await using server = await FaultServer.start(
    ["--workers", "1", "--job-timeout", "0", ...TROUBLE],
  );
  using client = await server.connect();
  assertEquals(await client.ask("await 500"), "1 await 500");
  assertEquals((await server.stop()).counters.replaced, 0);
});
