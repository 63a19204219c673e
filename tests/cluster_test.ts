/** `--processes N` as a user sees it: real processes, real signals. Only Linux has them share a port. */

import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { serve } from "../lib/mod.ts";
import type { TimesInBrief } from "../lib/observe/events.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { Cluster, isAlive, statOf, WHO } from "./helpers/cluster.ts";
import type { Crowd } from "./helpers/crowd_worker.ts";
import { STEP, until, within } from "../scripts/tools/deadline.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { Log, ROOT, runProgram, ServerProcess } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

const ignore = Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>, long = { ignore: false }): void {
  Deno.test({ name, ignore: ignore || long.ignore, fn });
}

test("--processes serves one port by several processes, and says so once", async () => {
  await using cluster = await Cluster.start();
  const { server } = cluster;
  const clients = await cluster.oneOfEach();
  assertEquals([...clients.keys()].sort(), cluster.pids.sort());
  for (const client of clients.values()) client.close();
  const told = server.log.filter(({ type }) => type === "listening");
  assertEquals(told.map(({ processes, workers }) => [processes, workers]), [[2, 1]]);
});

test("a process that is killed is replaced, and costs the others nothing", async () => {
  await using cluster = await Cluster.start();
  const [[victim, lost], [other, kept]] = await cluster.oneOfEach();
  Deno.kill(victim, "SIGKILL");
  const { reason } = await cluster.server.event("process_replaced");
  assertEquals(reason, "it was killed by SIGKILL");
  assertEquals(await kept.ask("still there"), `${other} still there`);
  const fresh = await cluster.oneOfEach();
  assertEquals([fresh.has(victim), fresh.has(other)], [false, true]);
  for (const client of [lost, kept, ...fresh.values()]) client.close();
});

test(
  "a process that is told to stop answers its lines while another one takes its place",
  async () => {
    await using cluster = await Cluster.start();
    const [[pid, client], [, other]] = await cluster.oneOfEach();
    other.close();
    await client.send("sleep 1000\nlast\n");
    await client.send("x"); // it is not read any more
    Deno.kill(pid, "SIGTERM");
    const { reason } = await cluster.server.event("process_replaced");
    assertEquals(reason, "it was told to stop");
    assert((await client.restText()).startsWith(`${pid} sleep 1000\n`));
    client.close();
    const fresh = await cluster.oneOfEach();
    assertEquals(fresh.has(pid), false);
    for (const each of fresh.values()) each.close();
  },
  LONG,
);

test("a server with reusePort resets no connection that waits for it when it stops", async () => {
  const server = await serve({ port: 0, workers: 1, reusePort: true });
  const { port } = server.addr as Deno.NetAddr;
  const connected = new Int32Array(new SharedArrayBuffer(4));
  const crowd = new Worker(new URL("helpers/crowd_worker.ts", import.meta.url), { type: "module" });
  const ends = new Promise<string[]>((resolve) => crowd.onmessage = ({ data }) => resolve(data));
  crowd.postMessage({ port, clients: 40, connected } satisfies Crowd);
  Atomics.wait(connected, 0, 0, STEP); // nobody accepts meanwhile
  await server.shutdown();
  assertEquals((await within(ends, "the ends")).filter((end) => end !== "closed"), []);
  crowd.terminate();
});

test(
  "processes end when their supervisor is killed, and answer the lines that they have",
  async () => {
    await using cluster = await Cluster.start();
    const { server, pids } = cluster;
    const { client, pid } = await cluster.connect();
    await client.send("sleep 3000\n");
    await cluster.unanswered(1);
    server.kill("SIGKILL");
    assertEquals(await client.restText(), `${pid} sleep 3000\n`);
    client.close();
    await until(() => pids.every((each) => !isAlive(each)), "the end of both");
  },
  LONG,
);

test("a stop answers every line of every process", async () => {
  await using cluster = await Cluster.start();
  const clients = await cluster.oneOfEach();
  for (const client of clients.values()) await client.send("sleep 3000\nlast\n");
  await cluster.unanswered(4);
  const { code, counters } = await cluster.server.stop();
  assertEquals(code, 0);
  for (const [pid, client] of clients) {
    assertEquals(await client.restText(), `${pid} sleep 3000\n${pid} last\n`);
    client.close();
  }
  const { accepted, answered, failed, gone } = counters;
  assertEquals(accepted, answered + failed + gone);
  assertEquals([answered >= 6, failed, gone], [true, 0, 0]);
  const types = cluster.server.log.map(({ type }) => type);
  assertEquals(types.filter((type) => type === "stopped" || type === "stopping").length, 2);
}, LONG);

test("a second signal ends supervisor and processes at once", async () => {
  await using cluster = await Cluster.start();
  const { client } = await cluster.connect();
  const { server, pids } = cluster;
  await client.send("sleep 60000\n");
  await cluster.unanswered(1);
  server.kill("SIGTERM");
  await server.event("stopping");
  server.kill("SIGTERM");
  assertEquals((await server.status).code, 143);
  await until(() => pids.every((pid) => !isAlive(pid)), "the end of both");
  client.close();
});

test("a terminal's Ctrl-C is for the supervisor alone", async () => {
  await using cluster = await Cluster.start();
  const group = statOf(cluster.server.pid)?.group;
  for (const pid of cluster.pids) assertNotEquals(statOf(pid)?.group, group);
});

test("SIGHUP has each process load the handler anew, and cuts no connection", async () => {
  await using cluster = await Cluster.start();
  const clients = await cluster.oneOfEach();
  const { server, files } = cluster;
  await Deno.writeTextFile(`${files.path}/who.js`, WHO.replace('" " + line', '" new " + line'));
  server.kill("SIGHUP");
  assertEquals((await server.event("reloaded")).processes, 2);
  for (const [pid, client] of clients) assertEquals(await client.ask("x"), `${pid} new x`);
  await Deno.writeTextFile(`${files.path}/who.js`, "export default 1;");
  server.kill("SIGHUP");
  assertEquals((await server.event("reload_failed")).process, 1);
  for (const [pid, client] of clients) {
    assertEquals(await client.ask("x"), `${pid} new x`);
    client.close();
  }
  assertEquals(server.log.filter(({ type }) => type === "reload_failed").length, 1);
});

test("the counters are those of all processes, also of one that has been killed", async () => {
  await using cluster = await Cluster.start();
  const [[victim, one], [, two]] = await cluster.oneOfEach();
  for (const client of [one, two]) await client.ask("x");
  // A process that does not answer within a second is told of as it was before.
  const first = await cluster.server.counted(({ connections, counters }) =>
    connections === 2 && counters.answered === cluster.asked + 2
  );
  assertEquals(first.counters.answered, first.counters.accepted);
  Deno.kill(victim, "SIGKILL");
  await cluster.server.event("process_replaced");
  const second = await cluster.server.counters();
  assertEquals(second.counters.answered, first.counters.answered);
  const told = cluster.server.log.findLast(({ type }) => type === "counters");
  const { line, job } = told?.times as TimesInBrief;
  assert(line.p50 > 0 && line.max >= line.p99 && job.max > 0);
  assertEquals(second.connections, 1);
  one.close();
  two.close();
});

test(
  "a handler that takes all memory ends its process, not the service; a new one has Deno's flags",
  async () => {
    await using files = await HandlerFiles.write({
      "eat.js": `const eaten = [];
    export default (line) => {
      while (line === "eat") eaten.push(new Array(1_000_000).fill(line + eaten.length));
      return line;
    };`,
    });
    const main = ["run", "-A", "--v8-flags=--max-old-space-size=60", `${ROOT}main.ts`];
    const args = ["--processes", "2", "--workers", "1", "--handler", `${files.path}/eat.js`];
    await using server = await ServerProcess.start(args, { command: [Deno.execPath(), ...main] });
    using glutton = await LineClient.connect(server.addr);
    await glutton.send("eat\n");
    await assertRejects(() => glutton.reply(), Error);
    await server.waitForLog(
      /process \d takes no more connections.* SIG(TRAP|ABRT|ILL)|exit code 13\d/,
    );
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("hello"), "hello");
  },
  LONG,
);

test("each log line says which process it is of", async () => {
  await using cluster = await Cluster.start([], "export default () => { throw new Error('no'); };");
  using client = await cluster.server.connect();
  assertEquals(await client.ask("x"), "ERR no");
  const { process } = await cluster.server.event("jobs_failed");
  assertMatch(String(process), /^[12]$/);
});

test("what handlers write to standard output gets there, and is taken for no message", async () => {
  await using files = await HandlerFiles.write({
    "loud.js": `export default (line) => {
      console.log('{"type":"failed","reason":"' + line + '","code":3}');
      return line;
    };`,
  });
  const args = ["run", "-A", `${ROOT}main.ts`, "--processes", "2", "--workers", "1"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "--port", "0", "--handler", `${files.path}/loud.js`],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [log, output] = [new Log(child.stderr), new Log(child.stdout)];
  const [, port] = await log.waitFor(/listening on 127.0.0.1:(\d+)/);
  using client = await LineClient.connect({ transport: "tcp", hostname: "127.0.0.1", port: +port });
  assertEquals(await client.ask("mine"), "mine");
  await output.waitFor(/^\{"type":"failed","reason":"mine","code":3\}\n$/);
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  await Promise.all([log.end, output.end]);
});

test("a service whose handler cannot be loaded ends with one sentence", async () => {
  const args = ["--processes", "2", "--port", "0", "--handler", "nonesuch"];
  const { code, stderr } = await runProgram(args);
  assertEquals([code, stderr.trim().split("\n").length], [1, 1]);
  assertMatch(stderr, /^hsha: .*nonesuch/);
});

test("a port that somebody else has is refused, also where it could be shared", async () => {
  await using cluster = await Cluster.start();
  const { port } = cluster.server.addr as Deno.NetAddr;
  const { code, stderr } = await runProgram(["--processes", "2", "--port", String(port)]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hsha: cannot listen on 127.0.0.1:\d+: the address is in use\n$/);
});

test("--processes cannot be had with --unix", async () => {
  const { code, stderr } = await runProgram(["--processes", "2", "--unix", "/tmp/never"]);
  assertEquals([code, stderr], [
    2,
    "hsha: --processes is 2; it must be 1 with --unix: only a port can be shared\n",
  ]);
});

test("--processes 1 starts no process, and neither does --check", async () => {
  await using server = await FaultServer.start(["--processes", "1", "--workers", "1"]);
  using client = await server.connect();
  assertEquals(await client.ask("x"), "1 x");
  const [listening] = server.log.filter(({ type }) => type === "listening");
  assertEquals(listening.processes, undefined);
  assertEquals((await runProgram(["--processes", "2", "--check"])).code, 0);
});
