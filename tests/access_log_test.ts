/** The access log: one JSON line for each connection, which waits for nothing and survives rotation. */

import { assertEquals, assertMatch } from "@std/assert";
import { openAccessLog } from "../lib/mod.ts";
import type { ConnectionClosed, ServerEvent } from "../lib/observe/events.ts";
import { until } from "../scripts/tools/deadline.ts";
import { handlerFile, TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { runProgram } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

const ON_LINUX = { ignore: Deno.build.os !== "linux" };

/** The lines of a file. */
function linesOf(file: string): Record<string, unknown>[] {
  const text = Deno.readTextFileSync(file);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** What happened to a connection of this port. */
function closed(port: number): ConnectionClosed {
  return {
    type: "connection_closed",
    peer: `127.0.0.1:${port}`,
    lines: 3,
    failed: 1,
    gone: 0,
    received: 30,
    sent: 40,
    duration: 1.5,
    reason: "client closed",
  };
}

Deno.test(
  "hsha writes what each connection was into its access log, and why it ended",
  LONG,
  async () => {
    using folder = new TemporaryFolder();
    const file = folder.file("access.log");
    const args = ["--workers", "1", "--handler", handlerFile("trouble"), "--access-log", file];
    const limits = ["--max-connections", "2", "--idle-timeout", "1", "--drain-timeout", "0.2"];
    await using server = await FaultServer.start([...args, ...limits]);
    const addresses: string[] = [];
    const connect = async () => {
      const client = await server.connect();
      const { hostname, port } = client.conn.localAddr as Deno.NetAddr;
      addresses.push(`${hostname}:${port}`);
      return client;
    };
    {
      using good = await connect();
      await good.send("hello\nthrow no");
      await good.finish();
      assertEquals(await good.restText(), "1 hello\nERR no\n");
    }
    await until(() => linesOf(file).length === 1, "its line");
    {
      using one = await connect();
      using other = await connect();
      await one.ask("a");
      await other.ask("b");
      using refused = await connect();
      assertMatch(await refused.restText(), /^ERR too many/);
      await Promise.all([one.rest(), other.rest()]); // idle
    }
    await until(() => linesOf(file).length === 4, "three more lines");
    {
      using rude = await connect();
      await rude.send("big 15000000\n");
      await rude.conn.read(new Uint8Array(1));
    } // with a reply on its way that no socket's buffer holds
    await until(() => linesOf(file).length === 5, "one more line");
    using last = await connect();
    assertEquals(await last.ask("last"), "1 last");
    await last.send("forever\n");
    await server.counted(({ unanswered }) => unanswered > 0); // it has been read
    server.kill("SIGTERM");
    await server.status;
    const lines = linesOf(file);
    assertEquals(lines.map(({ address }) => address).sort(), addresses.toSorted());
    const { time, duration, ...rest } = lines[0];
    assertMatch(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assertEquals(Number(duration) >= 0 && Number(duration) < 60, true);
    assertEquals(rest, {
      address: addresses[0],
      lines: 2,
      failed: 1,
      gone: 0,
      received: 14,
      sent: 15,
      reason: "client closed",
    });
    assertEquals(lines.slice(1, 4).map(({ reason }) => reason).sort(), [
      "idle timeout",
      "idle timeout",
      "refused",
    ]);
    assertEquals(lines[4].reason, "lost");
    assertEquals([lines[5].reason, lines[5].lines, lines[5].gone], ["stop", 2, 1]);
    for (const { lines: all, failed, gone } of lines) {
      assertEquals(Number(all) >= Number(failed) + Number(gone), true);
    }
  },
);

Deno.test("openAccessLog goes on in a new file when the old one was renamed", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("access.log");
  Deno.writeTextFileSync(file, '{"old":true}\n');
  const told: ServerEvent[] = [];
  const log = await openAccessLog(file, (event) => void told.push(event));
  log(closed(1));
  log({ type: "connection_refused", option: "maxConnections", limit: 1, times: 1, peer: "a:1" });
  await until(() => linesOf(file).length === 2, "its line");
  Deno.renameSync(file, folder.file("access.log.1"));
  log(closed(2));
  await until(() => linesOf(folder.file("access.log.1")).length === 3, "the line in the old file");
  await log.reopen();
  log(closed(3));
  await log.close();
  assertEquals(linesOf(file).map(({ address }) => address), ["127.0.0.1:3"]);
  assertEquals(told, []);
});

Deno.test("openAccessLog keeps its file, and tells why, when it cannot be opened anew", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("access.log");
  const told: ServerEvent[] = [];
  const log = await openAccessLog(file, (event) => void told.push(event));
  Deno.renameSync(file, folder.file("old"));
  Deno.mkdirSync(file);
  await log.reopen();
  log(closed(1));
  await log.close();
  assertEquals(linesOf(folder.file("old")).length, 1);
  assertEquals(told.map(({ type }) => type), ["log_reopen_failed"]);
});

Deno.test("openAccessLog tells of lines that a full disk does not take", ON_LINUX, async () => {
  const told: ServerEvent[] = [];
  const log = await openAccessLog("/dev/full", (event) => void told.push(event));
  log(closed(1));
  log(closed(2));
  await log.close();
  const reason = "No space left on device";
  assertEquals(told, [{ type: "log_lines_lost", file: "/dev/full", reason, times: 2 }]);
});

Deno.test(
  "a server serves and stops although nobody reads its access log, and tells what is lost",
  { ignore: LONG.ignore || ON_LINUX.ignore },
  async () => {
    using folder = new TemporaryFolder();
    const pipe = folder.file("pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await using server = await FaultServer.start(["--workers", "1", "--access-log", pipe]);
    for (let round = 0; round < 50; round++) { // more than a pipe holds
      await Promise.all(Array.from({ length: 10 }, async () => {
        using client = await server.connect();
        assertEquals(await client.ask("hello"), "1 hello");
      }));
    }
    assertEquals((await server.stop()).code, 0);
    const lost = server.log.filter(({ type }) => type === "log_lines_lost");
    assertEquals(lost.map(({ reason }) => reason), ["nobody took them before the end"]);
  },
);

Deno.test("hsha says in one line that its access log cannot be opened", async () => {
  using folder = new TemporaryFolder();
  const { path } = folder;
  const outcome = await runProgram(["--port", "0", "--access-log", path]);
  const stderr = `hsha: cannot open --access-log ${JSON.stringify(path)}: Is a directory\n`;
  assertEquals(outcome, { code: 1, stdout: "", stderr });
});
