/** What clients and handlers do is told when it happens, at the level that it deserves, and never in a flood. */

import net from "node:net";
import { assert, assertEquals, assertLess } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer, type LogEntry } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

const TROUBLE = ["--workers", "1", "--handler", handlerFile("trouble")];

/** All that is told of one kind: how many lines of log, and how many things. */
function sum(log: readonly LogEntry[], type: string) {
  const entries = log.filter((entry) => entry.type === type);
  return {
    entries: entries.length,
    times: entries.reduce((total, { times = 1 }) => total + Number(times), 0),
  };
}

Deno.test("serve tells of a line that is too long before it ends, and once", async () => {
  await using server = await FaultServer.start(["--workers", "1", "--max-line", "1000"]);
  using client = await server.connect();
  await client.send("x".repeat(1001)); // its end never comes
  const { level, limit, times } = await server.event("line_too_long");
  assertEquals([level, limit, times], ["warn", 1000, 1]);
  for (let count = 0; count < 20; count++) await client.send("x".repeat(1001));
  const reply = client.ask("");
  assertEquals(await reply, "ERR line longer than the limit of 1000 bytes");
  assertEquals(await client.ask("x".repeat(1000)), `1 ${"x".repeat(1000)}`);
  await client.send(`${"x".repeat(1001)}\n`.repeat(3));
  await client.replies(3);
  client.close();
  await server.stop();
  assertEquals(sum(server.log, "line_too_long").times, 4);
});

Deno.test("serve logs at level info that it has closed an idle client", async () => {
  await using server = await FaultServer.start(["--workers", "1", "--idle-timeout", "0.2"]);
  using client = await server.connect();
  assertEquals(await client.restText(), "");
  const { level, reason, seconds, unanswered } = await server.event("connection_timed_out");
  assertEquals([level, reason, seconds, unanswered], ["info", "idle timeout", 0.2, 0]);
  assertEquals((await server.event("connection_closed")).reason, "idle timeout");
  assertEquals(sum(server.log, "connection_timed_out").times, 1);
});

Deno.test(
  "serve logs at level info that it has closed a client that does not read",
  LONG,
  async () => {
    await using server = await FaultServer.start([...TROUBLE, "--write-timeout", "0.5"]);
    using client = await server.connect();
    await client.send(`${"big 1000000\n".repeat(40)}`);
    const { level, reason } = await server.event("connection_timed_out");
    assertEquals([level, reason], ["info", "write timeout"]);
    const closed = await server.event("connection_closed");
    assertEquals(closed.reason, "write timeout");
    assert(Number(closed.sent) > 0);
  },
);

Deno.test("serve has no warning for a probe that connects and resets", async () => {
  await using server = await FaultServer.start(["--workers", "1"]);
  const { port } = server.addr as Deno.NetAddr;
  await server.freeze(); // so the reset comes first
  for (let count = 0; count < 20; count++) {
    const probe = net.connect(port, "127.0.0.1");
    await new Promise<void>((resolve) => probe.once("connect", () => resolve()));
    probe.resetAndDestroy();
  }
  server.kill("SIGCONT");
  await server.event("connection_aborted");
  using client = await server.connect();
  assertEquals(await client.ask("here"), "1 here");
  client.close();
  await server.stop();
  const { log } = server;
  assertEquals(log.filter(({ level }) => level === "warn" || level === "error"), []);
});

Deno.test({
  name: "serve has no warning for a probe that connects to TLS and closes",
  ignore: !hasOpenssl,
  async fn() {
    using certificate = new Certificate();
    const { certFile, keyFile, cert } = certificate;
    const args = ["--workers", "1", "--tls-cert", certFile, "--tls-key", keyFile];
    await using server = await FaultServer.start(args);
    const { port } = server.addr as Deno.NetAddr;
    for (let count = 0; count < 20; count++) {
      using probe = new LineClient(await Deno.connect({ port }));
      await probe.finish();
      await probe.rest().catch(() => {});
      (await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] })).close();
    }
    await server.event("connection_aborted");
    await server.stop();
    assertEquals(server.log.filter(({ level }) => level === "warn" || level === "error"), []);
  },
});

Deno.test(
  "serve has one line a second for clients that are refused one after the other",
  LONG,
  async () => {
    await using server = await FaultServer.start(["--workers", "1", "--max-connections", "1"]);
    const begun = performance.now();
    {
      using holder = await server.connect(); // has the only place; each other one waits for it in vain
      assertEquals(await holder.ask("here"), "1 here");
      for (let round = 0; round < 6; round++) {
        const clients = await Promise.all(Array.from({ length: 15 }, () => server.connect()));
        await Promise.all(clients.map((client) => client.rest().finally(() => client.close())));
      }
    }
    const { counters } = await server.stop();
    const { entries, times } = sum(server.log, "connection_refused");
    assertEquals(times, counters.refused);
    assertEquals(times, 90);
    assertLess(entries, 3 + (performance.now() - begun) / 1000);
  },
);

Deno.test(
  "serve has one line a second for short connections that fail, and for strays",
  LONG,
  async () => {
    await using server = await FaultServer.start(TROUBLE);
    const begun = performance.now();
    for (let count = 0; count < 200; count++) {
      using client = await server.connect();
      assertEquals(await client.ask("throw no"), "ERR no");
      assertEquals(await client.ask("stray no"), "nobody handles its rejection");
    }
    await server.stop();
    const most = 3 + (performance.now() - begun) / 1000;
    for (const type of ["lines_failed", "jobs_failed", "handler_strayed", "handler_threw"]) {
      const { entries } = sum(server.log, type);
      assert(entries > 0, type);
      assertLess(entries, type === "handler_threw" ? 2 * most : most, type);
    }
    assertEquals(sum(server.log, "lines_failed").times, 200);
  },
);

Deno.test("serve has one line a second for workers that die again and again", LONG, async () => {
  await using server = await FaultServer.start(TROUBLE);
  using client = await server.connect();
  const begun = performance.now();
  for (let count = 0; count < 15; count++) {
    assertEquals(await client.ask("die"), "ERR the worker that ran this job died");
  }
  client.close();
  const { counters } = await server.stop();
  const { entries, times } = sum(server.log, "worker_replaced");
  assertEquals(times, counters.replaced);
  assertLess(entries, 3 + (performance.now() - begun) / 1000);
});
