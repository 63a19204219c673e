/** `hsha bench`: what it measures, that it notices every wrong reply. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { within } from "../scripts/tools/deadline.ts";
import { again } from "./helpers/again.ts";
import { freePort } from "./helpers/free_port.ts";
import { LONG } from "./helpers/long.ts";
import { type Outcome, ROOT, runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** Turns a line into the bytes of its reply; `n` counts the lines of a connection from 0. */
type Answer = (line: string, n: number) => string | Promise<string>;

const echo: Answer = (line) => `1 ${line}\n`;

/** A line server that answers as it is told, on one connection or more. */
function startPeer(answer: Answer = echo) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const done = (async () => {
    const serving: Promise<void>[] = [];
    for await (const conn of listener) serving.push(serveLines(conn, answer).catch(() => {}));
    await Promise.all(serving);
  })();
  return {
    port: String(listener.addr.port),
    async [Symbol.asyncDispose]() {
      listener.close();
      await done;
    },
  };
}

async function serveLines(conn: Deno.Conn, answer: Answer): Promise<void> {
  using _closed = { [Symbol.dispose]: () => conn.close() };
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65536);
  let rest = "";
  for (let n = 0;;) {
    const count = await conn.read(buffer);
    if (count === null) return;
    const lines = (rest + decoder.decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      let reply = encoder.encode(await answer(line, n++));
      while (reply.length > 0) reply = reply.subarray(await conn.write(reply));
    }
  }
}

/** Runs a load of half a second, unless `-d` says more: a pause of the machine must leave enough of it. */
function bench(port: string, ...args: string[]): Promise<Outcome> {
  const duration = args.includes("-d") ? [] : ["-d", "0.4"];
  return runProgram(["bench", "--warmup", "0.1", ...duration, ...args, port]);
}

/** The findings of such a load, and its exit code. */
async function benchJson(port: string, ...args: string[]) {
  const { code, stdout, stderr } = await bench(port, "--json", ...args);
  return { code, stderr, found: JSON.parse(stdout) as Record<string, number> };
}

Deno.test("bench finds nothing wrong with a server that answers rightly", async () => {
  await using server = await startServer();
  const port = String((server.addr as Deno.NetAddr).port);
  const { code, stderr, found } = await benchJson(port, "-d", "1", "-c", "8", "--window", "4");
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const { mismatches, unanswered, connectionErrors, errorReplies, unsent } = found;
  assertEquals([mismatches, unanswered, connectionErrors, errorReplies, unsent], [0, 0, 0, 0, 0]);
  assertEquals([found.connections, found.windowLines, found.sizeBytes], [8, 4, 32]);
  assertGreater(found.lines, 0);
  assertLess(Math.abs(found.lines / found.measuredSeconds / found.linesPerSecond - 1), 0.01);
  const order = [found.minMicros, found.p50Micros, found.p90Micros, found.p99Micros];
  assertEquals(order, order.toSorted((a, b) => a - b));
  assertGreater(found.minMicros, 0);
  const byWorker: number[] = Object.values(found.linesByWorker);
  assertEquals(byWorker.reduce((sum, lines) => sum + lines, 0), found.lines);
  await server.server.shutdown();
  const { accepted, answered } = server.server.counters;
  assertEquals(accepted, answered);
});

for (
  const args of [
    ["--size", "16", "-c", "3", "--window", "100"],
    ["--size", "1000", "-c", "2", "--window", "7"],
    ["--size", "100000", "-c", "2"],
    ["-c", "5", "--threads", "2"],
    ["-c", "1", "--threads", "4"],
    ["-c", "1", "--window", "5000"],
  ]
) {
  Deno.test(`bench ${args.join(" ")} verifies every reply`, LONG, async () => {
    await using peer = startPeer();
    const { code, found } = await benchJson(peer.port, "-d", "1", ...args);
    assertEquals(code, 0);
    assertGreater(found.lines, 0);
  });
}

Deno.test("bench takes replies that end with CRLF", LONG, async () => {
  await using peer = startPeer((line) => `12 ${line}\r\n`);
  const { code, found } = await benchJson(peer.port, "-d", "1", "-c", "2", "--window", "8");
  assertEquals(code, 0);
  assertEquals(found.linesByWorker, { 12: found.lines } as unknown as number);
});

Deno.test("bench --expect none takes any reply", async () => {
  await using peer = startPeer(() => "ERR no\n");
  const { code, found } = await benchJson(peer.port, "-c", "2", "--expect", "none");
  assertEquals(code, 0);
  assertGreater(found.errorReplies, 0);
});

/** Answers rightly but for the fifth line of each connection. */
function except(wrong: (line: string) => string): Answer {
  return (line, n) => n === 5 ? wrong(line) : echo(line, n);
}

/** What a server may do wrong, and the finding that must tell of it. */
const FAULTS: Record<string, [finding: string, answer: Answer]> = {
  "one wrong byte": ["mismatches", except((line) => `1 ${line.slice(0, -1)}~\n`)],
  "a byte too many": ["mismatches", except((line) => `1 ${line}~\n`)],
  "a byte too few": ["mismatches", except((line) => `1 ${line.slice(0, -1)}\n`)],
  "no worker's ID": ["mismatches", except((line) => `${line}\n`)],
  "an empty reply": ["mismatches", except(() => "\n")],
  "an error reply": ["errorReplies", except(() => "ERR out of order\n")],
  "a reply too many": ["mismatches", except((line) => `1 ${line}\n1 ${line}\n`)],
  "a very long reply": ["mismatches", except(() => `1 ${"x".repeat(200_000)}\n`)],
  "a reply too few": ["unanswered", except(() => "")],
};

for (const [fault, [finding, answer]] of Object.entries(FAULTS)) {
  Deno.test(`bench notices ${fault}`, LONG, async () => {
    await using peer = startPeer(answer);
    // The first six lines leave at once, and their replies are taken even after the load's end.
    const { code, stderr, found } = await benchJson(peer.port, "-c", "1", "--window", "8");
    assertEquals(code, 1);
    assertGreater(found[finding], 0);
    assertStringIncludes(stderr, "did not answer every line correctly: ");
    assertEquals(stderr.split("\n").length, 2);
  });
}

Deno.test("bench hints at --expect none where no reply is an echo", LONG, async () => {
  await using peer = startPeer((line) => `${line.length}\n`);
  const { code, stderr, found } = await benchJson(peer.port, "-c", "2");
  assertEquals([code, found.lines], [1, 0]);
  assertMatch(stderr, /mismatches, .*; if it is no echo, --expect none takes any reply\n$/);
  await using echo = startPeer(except(() => "2\n"));
  const other = await benchJson(echo.port, "-d", "1", "-c", "2", "--window", "8");
  assertEquals([other.code, other.stderr.includes("--expect")], [1, false]);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  for (const threads of ["1", "2"]) {
    // Somebody waits for its end: it gives the last replies half a second, and a pause may take that.
    Deno.test(`bench prints what it has measured at ${signal}, with --threads ${threads}`, () =>
      again(async () => {
        const { promise: warm, resolve } = Promise.withResolvers<void>();
        let lines = 0;
        await using peer = startPeer((line) => {
          if (++lines === 100) resolve();
          return `1 ${line}\n`;
        });
        const args = ["bench", "-c", "2", "-d", "600", "--warmup", "0", "--json"];
        const child = new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", `${ROOT}main.ts`, ...args, "--threads", threads, peer.port],
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        await within(warm, "the load");
        child.kill(signal);
        const outcome = await within(child.output(), "the end");
        assertEquals([outcome.code, new TextDecoder().decode(outcome.stderr)], [code, ""]);
        const found = JSON.parse(new TextDecoder().decode(outcome.stdout));
        assertEquals([found.interrupted, found.mismatches, found.unanswered], [true, 0, 0]);
        assert(found.lines > 0 && found.measuredSeconds < 600);
      }));
  }
}

Deno.test("bench notices two replies in the wrong order", async () => {
  let held = "";
  await using peer = startPeer((line, n) => {
    if (n === 4) held = echo(line, n) as string;
    return n === 4 ? "" : n === 5 ? echo(line, n) + held : echo(line, n);
  });
  const { code, found } = await benchJson(peer.port, "-c", "1", "--window", "8");
  assertEquals(code, 1);
  assertEquals(found.mismatches, 2);
  assertEquals(found.unanswered, 0);
});

Deno.test("bench notices a connection that the server closes", LONG, async () => {
  await using peer = startPeer((line, n) => {
    if (n === 5) throw new Error("closes");
    return echo(line, n);
  });
  // It ends with its connections.
  const { code, found } = await benchJson(peer.port, "-c", "2", "-d", "20");
  assertEquals(code, 1);
  assertEquals([found.connectionErrors, found.unanswered], [2, 2]);
});

Deno.test("bench --threads adds up what all threads found", LONG, async () => {
  // A line begins with the number of its connection; here each has a worker of its own.
  await using peer = startPeer((line) => `${parseInt(line.slice(0, 4), 36) + 1} ${line}\n`);
  const { code, found } = await benchJson(peer.port, "-d", "1", "-c", "3", "--threads", "2");
  assertEquals([code, Object.keys(found.linesByWorker)], [0, ["1", "2", "3"]]);
});

Deno.test("bench --rate finds a window that fits its lines", LONG, async () => {
  await using peer = startPeer();
  const { code, found } = await benchJson(peer.port, "--rate", "100", "--size", "16384");
  assertEquals([code, found.windowLines], [0, 63]);
});

Deno.test("bench --rate says in one sentence that its clock cannot start", async () => {
  const command = [Deno.execPath(), "run", "--allow-net", `${ROOT}main.ts`];
  const { code, stderr } = await runProgram(["bench", "--rate", "10", "1"], { command });
  assertEquals(code, 1);
  // Deno itself tells of the thread, in a line before.
  assertMatch(stderr, /\nhsha: The clock of the load broke: Requires read access to "[^\n]+\n$/);
  assert(!stderr.includes("Uncaught (in promise)"), stderr);
});

Deno.test("bench --rate sends as many lines as it says", LONG, () =>
  again(async () => {
    await using peer = startPeer();
    const { code, found } = await benchJson(peer.port, "-d", "1", "-c", "3", "--rate", "500");
    assertEquals(code, 0);
    assertEquals(found.rateLinesPerSecond, 500);
    const sentInTime = found.linesPerSecond / 500;
    assert(sentInTime > 0.7 && sentInTime < 1.3, `${found.linesPerSecond} lines/s`);
    assertGreater(found.lateP99Micros, 0);
  }));

Deno.test(
  "bench --rate charges a server for the lines that had to wait while it stalled",
  LONG,
  async () => {
    const STALL_MS = 300;
    const stall = async (line: string, n: number) => {
      if (n === 100) await new Promise((resolve) => setTimeout(resolve, STALL_MS));
      return echo(line, n);
    };
    await using peer = startPeer(stall);
    // One line at a time: a closed loop would see one slow line in hundreds.
    const args = ["-c", "1", "--window", "1", "--rate", "500"];
    const { code, found } = await benchJson(peer.port, ...args);
    assertEquals(code, 0);
    // The stall takes most of the 0.4 s: half of the lines were due in it, and waited.
    assertGreater(found.p90Micros, STALL_MS * 1000 / 3);
    assertGreater(found.maxMicros, STALL_MS * 1000 * 0.99);
  },
);

Deno.test("bench prints a table and a chart in 80 columns", LONG, async () => {
  await using peer = startPeer();
  const { code, stdout, stderr } = await bench(peer.port, "-c", "4", "--window", "16");
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  for (const line of stdout.split("\n")) assert(line.length <= 80, line);
  for (const word of ["lines/s", "p50", "p99.9", "µs", "█", "wrong       nothing"]) {
    assertStringIncludes(stdout, word);
  }
});

Deno.test("bench says in one line that nobody listens", async () => {
  const port = freePort();
  for (const threads of ["1", "2"]) {
    const outcome = await bench(String(port), "--threads", threads);
    const stderr = `hsha: cannot connect to 127.0.0.1:${port}: Connection refused\n`;
    assertEquals(outcome.code, 1);
    assertEquals(outcome.stdout, "");
    assertStringIncludes(outcome.stderr, stderr.trim());
    assertEquals(outcome.stderr.split("\n").length, 2);
  }
});
