/** Faults of workers that start: a server that cannot do its work says why, and ends with exit code 1. */

import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { handlerFile, TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

Deno.test("WorkerPool.start fails in one line when a worker is never ready", async () => {
  const args = ["--port", "0", "--handler", handlerFile("never_ready"), "--boot-timeout", "0.3"];
  await using server = FaultServer.launch(args);
  assertEquals((await server.status).code, 1);
  assertEquals(server.lines.length, 1, server.lines.join("\n"));
  assertMatch(server.lines[0], /: it was not ready within 0.3 seconds$/);
});

Deno.test(
  "WorkerPool backs off and ends the server when a worker can no longer start",
  LONG,
  async () => {
    using folder = new TemporaryFolder();
    const args = ["--workers", "1", "--handler", handlerFile("dies_at_boot"), "--allow-read"];
    await using server = await FaultServer.start(
      [...args, "--allow-env", "--drain-timeout", "1"],
      { env: { TEST_FOLDER: folder.path } },
    );
    using client = await server.connect();
    assertEquals(await client.ask("before"), "1 before");
    Deno.writeTextFileSync(folder.file("poison"), "");
    const begun = performance.now();
    assertEquals(await client.ask("die"), "ERR the worker that ran this job died");
    assertEquals((await server.status).code, 1);
    const waits = server.log.filter(({ type }) => type === "worker_boot_failed")
      .map(({ retrySeconds }) => Number(retrySeconds));
    assert(waits.length >= 3, `only ${waits.length} further tries`);
    for (const [index, wait] of waits.entries()) {
      if (index > 0) assertEquals(wait, 2 * waits[index - 1], "each wait is twice the last one");
    }
    const waited = waits.reduce((sum, wait) => sum + wait, 0) * 1000;
    assertGreater(performance.now() - begun, waited, "it has waited between its tries");
    assertMatch(server.lines.at(-1)!, /: the handler is poisoned$/);
  },
);

Deno.test("WorkerPool starts again a worker whose boot fails once", async () => {
  using folder = new TemporaryFolder();
  const args = ["--workers", "2", "--handler", handlerFile("dies_at_boot"), "--allow-read"];
  await using server = await FaultServer.start(
    [...args, "--allow-env"],
    { env: { TEST_FOLDER: folder.path } },
  );
  using client = await server.connect();
  Deno.writeTextFileSync(folder.file("poison"), "");
  assertEquals(await client.ask("die"), "ERR the worker that ran this job died");
  const { worker } = await server.event("worker_boot_failed");
  Deno.removeSync(folder.file("poison"));
  const deadline = performance.now() + 10_000;
  while (!(await client.ask("who?")).startsWith(`${worker} `)) {
    assert(performance.now() < deadline, `no worker ${worker} for 10 s`);
  }
  assertEquals((await server.stop()).code, 0);
});

Deno.test(
  "serve says that a client would find no descriptor, and does not listen then",
  LONG,
  async () => {
    const refusals: string[] = [];
    for (let descriptors = 32;; descriptors += 4) {
      const args = ["--port", "0", "--workers", "1", "--log", "json"];
      await using server = FaultServer.launch(args, { descriptors });
      const listening = await server.event("listening").catch(() => undefined);
      if (listening === undefined) {
        assertEquals((await server.status).code, 1);
        assertEquals(server.lines.length, 1, server.lines.join("\n"));
        assertMatch(server.lines[0], /^hsha: cannot (serve clients|start worker 1): [^\n]+$/);
        refusals.push(server.lines[0]);
        continue;
      }
      server.addr = listening.addr as Deno.Addr;
      using client = await server.connect();
      assertEquals(await client.ask("served"), "1 served");
      break;
    }
    assertMatch(refusals.join("\n"), /cannot serve clients/);
  },
);

Deno.test("serve says which worker could not start when the system refuses a thread", async () => {
  const { Worker } = globalThis;
  let started = 0;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      if (++started > 2) {
        throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
      }
      super(url, options);
    }
  };
  try {
    const message = "cannot start worker 3: the system has no thread for it " +
      "(Resource temporarily unavailable)";
    const error = await assertRejects(() => startServer({ workers: 4 }), Error);
    assertEquals(error.message, message);
  } finally {
    globalThis.Worker = Worker;
  }
});
