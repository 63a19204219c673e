/** The log: one line for each thing, text or JSON, and never a word of what clients have sent. */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { createLog } from "../lib/observe/log.ts";
import type { Counters, ServerEvent } from "../lib/observe/events.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

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
  `nap 5000 ${SECRET}`, // where no guard reaches it
];

for (const format of ["json", "text"]) {
  Deno.test(
    `createLog tells no line's content in ${format}, whatever goes wrong`,
    LONG,
    async () => {
      const args = ["--port", "0", "--log", format, "--workers", "2"];
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
    },
  );
}

Deno.test(
  "createLog tells content at level debug alone, and only what a handler threw",
  LONG,
  async () => {
    await using server = await FaultServer.start([
      "--workers",
      "2",
      "--job-timeout",
      "1.5",
      ...TROUBLE,
    ]);
    {
      using client = await server.connect();
      for (const line of LINES.filter((each) => !/^(forever|spin)/.test(each))) {
        await client.ask(line);
      }
      using rude = await server.connect();
      await rude.send(`sleep 100 ${SECRET}\nsleep 400 ${SECRET}\n`);
      using other = await server.connect();
      await other.send("big 15000000\n");
      await other.conn.read(new Uint8Array(1));
    } // both go away: replies are answered by a reset, and a part of the long one cannot be written
    await server.event("connection_lost");
    assertEquals((await server.stop()).code, 0);
    const told = server.log.filter((entry) => JSON.stringify(entry).includes("hunter2"));
    assertEquals(new Set(told.map(({ type }) => type)), new Set(["handler_threw"]));
  },
);

const COUNTERS: Counters = {
  accepted: 6,
  answered: 3,
  failed: 2,
  gone: 1,
  connections: 1,
  refused: 0,
  discarded: 0,
  replaced: 0,
  abandoned: 0,
};

const PERCENTILES = { p50: 0.0004, p99: 0.002, max: 0.012 };
const TIMES = { wait: PERCENTILES, job: PERCENTILES, line: PERCENTILES };

/** One event of each type, with all its fields. */
const EVENTS: { [T in ServerEvent["type"]]: Required<Extract<ServerEvent, { type: T }>> } = {
  listening: {
    type: "listening",
    addr: { transport: "tcp", hostname: "::1", port: 7 },
    workers: 1,
    handler: "echo",
    processes: 2,
    service: "words",
  },
  stopping: { type: "stopping", reason: "two\nlines", unanswered: 1, connections: 2 },
  stopped: { type: "stopped", counters: COUNTERS },
  web_listening: { type: "web_listening", url: "http://127.0.0.1:9090/" },
  web_failed: { type: "web_failed", reason: "out of memory" },
  counters: {
    type: "counters",
    connections: 1,
    unanswered: 0,
    counters: COUNTERS,
    processes: 2,
    times: TIMES,
  },
  accept_failed: { type: "accept_failed", reason: "Too many open files", times: 3 },
  connection_aborted: { type: "connection_aborted", reason: "reset", times: 2 },
  connection_refused: {
    type: "connection_refused",
    option: "maxPerAddress",
    limit: 5,
    times: 1,
    peer: "127.0.0.1:1",
  },
  input_discarded: { type: "input_discarded", bytes: 10_000, connections: 2 },
  proxy_header_refused: {
    type: "proxy_header_refused",
    peer: "127.0.0.1:1",
    reason: "no header",
    times: 1,
  },
  connection_lost: {
    type: "connection_lost",
    peer: "127.0.0.1:1",
    reason: "reset",
    unanswered: 0,
    times: 1,
  },
  connection_timed_out: {
    type: "connection_timed_out",
    peer: "127.0.0.1:1",
    reason: "idle timeout",
    seconds: 1,
    unanswered: 0,
    times: 2,
  },
  connection_closed: {
    type: "connection_closed",
    peer: "127.0.0.1:1",
    lines: 3,
    failed: 1,
    gone: 1,
    received: 30,
    sent: 20,
    duration: 0.5,
    reason: "client closed",
  },
  line_too_long: { type: "line_too_long", peer: "127.0.0.1:1", limit: 65536, times: 1 },
  lines_failed: { type: "lines_failed", peer: "127.0.0.1:1", times: 1000 },
  jobs_failed: {
    type: "jobs_failed",
    worker: 1,
    kind: "NotCapable",
    place: "words.ts:5:9",
    permission: 'Requires read access to "x"',
    times: 1,
  },
  handler_strayed: {
    type: "handler_strayed",
    worker: 1,
    kind: "Error",
    place: "words.ts:1:2",
    permission: "",
    times: 1,
  },
  context_used_late: {
    type: "context_used_late",
    worker: 1,
    use: "end",
    place: "words.ts:1:2",
    times: 2,
  },
  handler_threw: {
    type: "handler_threw",
    worker: 1,
    kind: "Error",
    place: "words.ts:1:2",
    message: "a\nb",
    stack: "Error: a\n  at \x9bb",
    times: 1,
  },
  program_said: {
    type: "program_said",
    worker: 1,
    program: "sh",
    text: "two\nlines",
    unsaid: 2,
  },
  program_replaced: {
    type: "program_replaced",
    worker: 1,
    program: "sh",
    reason: "it ended",
    times: 2,
  },
  worker_replaced: { type: "worker_replaced", worker: 1, reason: "it died", times: 1 },
  worker_renewed: { type: "worker_renewed", worker: 1, reason: "heap", limit: 64, times: 2 },
  worker_boot_failed: { type: "worker_boot_failed", worker: 1, reason: "no", retrySeconds: 0.1 },
  worker_abandoned: { type: "worker_abandoned", worker: 1, abandoned: 1, limit: 2 },
  reloaded: { type: "reloaded", certificate: "kept", processes: 2 },
  reload_failed: { type: "reload_failed", reason: "cannot load it", process: 1 },
  process_replaced: { type: "process_replaced", process: 2, reason: "it was killed by SIGKILL" },
  process_start_failed: {
    type: "process_start_failed",
    process: 2,
    reason: "it was killed by SIGKILL",
    retrySeconds: 0.1,
  },
  connection_unpinned: {
    type: "connection_unpinned",
    peer: "127.0.0.1:1",
    reason: "it died",
    unanswered: 2,
    times: 1,
  },
  defaults_kept: { type: "defaults_kept" },
  node_awaited: { type: "node_awaited", service: "words" },
  node_joined: { type: "node_joined", node: "a", workers: 2 },
  node_left: { type: "node_left", node: "a" },
  node_lost: { type: "node_lost", node: "a", reason: "it is gone", lines: 3 },
  node_refused: { type: "node_refused", node: "a\nb", reason: "it is of another version" },
  nats_lost: { type: "nats_lost", reason: "it does not answer" },
  nats_found: { type: "nats_found" },
  working: { type: "working", node: "a", service: "words", workers: 2, handler: "echo" },
  front_refused: { type: "front_refused", reason: "its handler has other defaults" },
  leaving: { type: "leaving", fronts: 2, lines: 1, reason: "two\nlines" },
  left: { type: "left", ran: 12 },
  node_counters: {
    type: "node_counters",
    fronts: 2,
    lines: 1,
    ran: 12,
    replaced: 0,
    abandoned: 0,
  },
  log_lines_lost: { type: "log_lines_lost", file: "access.log", reason: "full", times: 3 },
  log_reopen_failed: { type: "log_reopen_failed", file: "access.log", reason: "no such folder" },
};

Deno.test("createLog writes one line for each event, in either format", async () => {
  for (const format of ["json", "text"] as const) {
    const lines: string[] = [];
    const log = createLog({ format, level: "debug", write: (line) => void lines.push(line) });
    const events = Object.values(EVENTS);
    for (const event of events) log(event);
    await log.flush();
    assertEquals(lines.length, events.length);
    // deno-lint-ignore no-control-regex -- a terminal obeys them
    for (const line of lines) assertMatch(line, /^[^\x00-\x1f\x7f-\x9f]+\n$/);
    if (format === "json") {
      const [listening] = lines.map((line) => JSON.parse(line));
      assertEquals(listening, { ...EVENTS.listening, time: listening.time, level: "info" });
    }
  }
});

Deno.test("Connection reports a flood of errors as one line with a count", async () => {
  await using server = await FaultServer.start(["--workers", "2", ...TROUBLE]);
  using client = await server.connect();
  const failures = 20_000;
  const begun = performance.now();
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
  assertLess(reports, 3 + (performance.now() - begun) / 1000, "one a second");
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
