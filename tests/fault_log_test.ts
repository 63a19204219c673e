/** The log: one line for each thing, text or JSON, and never a word of what clients have sent. */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { createLog } from "../lib/log.ts";
import type { ServerEvent } from "../lib/events.ts";
import { handlerFile } from "./helpers/fault_files.ts";
import { FaultServer } from "./helpers/fault_server.ts";

const SECRET = "hunter2-swordfish";
const TROUBLE = ["--handler", handlerFile("trouble")];

/** Every kind of trouble, with the secret in it. */
const LINES = [
  SECRET,
  `throw ${SECRET}`,
  `reject ${SECRET}`,
  `later ${SECRET}`,
  `stray ${SECRET}`,
  `nothing ${SECRET}\0\x1b[31m`,
  SECRET.repeat(5000), // too long
  `${SECRET}\u2028 ${SECRET}`,
  `close ${SECRET}`,
  `exit ${SECRET}`,
  `forever ${SECRET}`,
  `spin 1200 ${SECRET}`,
];

for (const format of ["json", "text"]) {
  Deno.test(`createLog tells no line's content in ${format}, whatever goes wrong`, async () => {
    const args = ["--port", "0", "--log", format, "--log-level", "debug", "--workers", "2"];
    const limits = ["--job-timeout", "0.4", "--queue-limit", "4", "--overload", "reject"];
    await using server = FaultServer.launch([
      ...args,
      ...limits,
      "--max-abandoned",
      "9",
      ...TROUBLE,
    ]);
    await server.written(/listening/);
    const port = Number(
      server.lines.join().match(/127\.0\.0\.1:(\d+)|"port":(\d+)/)!
        .slice(1).find((found) => found !== undefined),
    );
    server.addr = { transport: "tcp", hostname: "127.0.0.1", port };
    {
      using client = await server.connect();
      for (const line of LINES) await client.ask(line);
      await client.send(`${`${SECRET}\n`.repeat(500)}sleep 300 ${SECRET}\n`); // rejected
      await client.replies(500);
      using rude = await server.connect();
      await rude.send(`sleep 100 ${SECRET}\nsleep 400 ${SECRET}\n`);
    } // goes away: its first reply is answered by a reset, its second cannot be written
    await server.written(/lost|connection_lost/);
    await server.written(/abandoned/);
    server.kill("SIGUSR2");
    await server.written(/counters/);
    server.kill("SIGTERM");
    assertEquals((await server.status).code, 0);
    assertEquals(server.lines.filter((line) => line.includes("hunter2")), []);
    for (const line of server.lines) {
      if (format === "json") assertEquals(typeof JSON.parse(line).time, "string");
      else assertMatch(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|error) \S/);
    }
  });
}

/** One event of each type. */
const EVENTS: ServerEvent[] = [
  {
    type: "listening",
    addr: { transport: "tcp", hostname: "::1", port: 7 },
    workers: 1,
    handler: "echo",
  },
  { type: "stopping", reason: "two\nlines", unanswered: 1, connections: 2 },
  { type: "accept_failed", reason: "Too many open files", times: 3 },
  { type: "connection_refused", limit: 5, times: 1 },
  { type: "connection_lost", peer: "127.0.0.1:1", reason: "reset", unanswered: 0 },
  { type: "lines_failed", peer: "127.0.0.1:1", times: 1000 },
  { type: "worker_replaced", worker: 1, reason: "it died" },
  { type: "worker_boot_failed", worker: 1, reason: "no", retrySeconds: 0.1 },
  { type: "worker_abandoned", worker: 1, abandoned: 1, limit: 2 },
  { type: "handler_strayed", worker: 1, reason: "Error at handler.ts:1:2" },
];

Deno.test("createLog writes one line for each event, in either format", () => {
  for (const format of ["json", "text"] as const) {
    const lines: string[] = [];
    const log = createLog({ format, write: (line) => void lines.push(line) });
    for (const event of EVENTS) log(event);
    assertEquals(lines.length, EVENTS.length - 1, "connection_lost is for debugging");
    for (const line of lines) assertMatch(line, /^[^\r\n]+\n$/);
    if (format === "json") {
      const [listening] = lines.map((line) => JSON.parse(line));
      assertEquals(listening, { ...EVENTS[0], time: listening.time, level: "info" });
    }
  }
});

Deno.test("Connection reports a flood of errors as one line with a count", async () => {
  await using server = await FaultServer.start(["--workers", "2", ...TROUBLE]);
  using client = await server.connect();
  const failures = 20_000;
  await Promise.all([client.send("throw no\n".repeat(failures)), client.replies(failures)]);
  client.close();
  let told = 0;
  for (let from = 0; told < failures;) {
    const event = await server.event("lines_failed", { from });
    from = server.log.indexOf(event) + 1;
    told += Number(event.times);
  }
  assertEquals(told, failures);
  const reports = server.log.filter(({ type }) => type === "lines_failed").length;
  assertLess(reports, 30, "one a second");
});

Deno.test("hsha logs one line of counters at SIGUSR2", async () => {
  await using server = await FaultServer.start(["--workers", "1", ...TROUBLE]);
  using client = await server.connect();
  await client.ask("hello");
  await client.ask("throw no");
  const { connections, unanswered, counters } = await server.counters();
  assertEquals([connections, unanswered], [1, 0]);
  assertEquals(counters, { ...counters, accepted: 2, answered: 1, failed: 1, gone: 0 });
});
