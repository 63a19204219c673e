/**
 * `hsha bench`: a load generator for line servers that checks every reply.
 */

import process from "node:process";
import { LEAST_SIZE, MOST_SLOTS } from "./bench/line_ring.ts";
import type { LoadPlan } from "./bench/load.ts";
import { LoadThreads } from "./bench/load_threads.ts";
import { ProgressBar } from "./bench/progress_bar.ts";
import { faults, toJson, toTable } from "./bench/report.ts";
import { defineCommand } from "./command.ts";
import { ENDPOINT_EXCLUDES, ENDPOINT_OPERAND, ENDPOINT_TABLE, toEndpoint } from "./endpoint.ts";
import { Failure } from "./failure.ts";
import { print } from "./output.ts";
import { onStopSignal } from "./signals.ts";
import { UsageError } from "./usage_errors.ts";

/** The window of an open loop, unless one is given: so wide that lines need not wait for it. */
const OPEN_WINDOW = 1024;
/** The most bytes that all lines of such a window take: 64 MiB. */
const OPEN_BYTES = 2 ** 26;
/** The most bytes that all lines under way may take: 1 GiB. */
const MOST_BYTES = 2 ** 30;

const TABLE = {
  ...ENDPOINT_TABLE,
  connections: {
    kind: "integer",
    min: 1,
    max: 100_000,
    default: 64,
    metavar: "N",
    short: "c",
    help: "connections",
    heading: "What it sends",
  },
  window: {
    kind: "integer",
    min: 1,
    max: MOST_SLOTS,
    defaultText: `1, or with --rate up to ${OPEN_WINDOW}`,
    metavar: "N",
    help: "most lines under way on each connection",
  },
  size: {
    kind: "integer",
    min: LEAST_SIZE,
    max: 2 ** 24,
    default: 32,
    metavar: "BYTES",
    help: "length of a line, without its end",
  },
  rate: {
    kind: "integer",
    min: 1,
    max: 100_000_000,
    metavar: "N",
    help: "lines per second over all connections, sent on time (open loop); without it " +
      "each reply lets the next line go (closed loop)",
  },
  duration: {
    kind: "seconds",
    min: 0.1,
    max: 86_400,
    default: 5,
    metavar: "SECONDS",
    short: "d",
    help: "how long it measures",
  },
  warmup: {
    kind: "seconds",
    min: 0,
    max: 86_400,
    default: 1,
    metavar: "SECONDS",
    help: "how long it sends before that",
  },
  threads: {
    kind: "integer",
    min: 1,
    max: 64,
    default: 1,
    metavar: "N",
    help: "threads that share the connections",
  },
  expect: {
    kind: "choice",
    choices: ["echo", "none"],
    default: "echo",
    metavar: "WHAT",
    help: "each reply is a worker's ID, a space and the line (echo), or any line (none)",
    heading: "What it checks and shows",
  },
  json: { kind: "flag", help: "print one JSON object instead of the table" },
} as const;

/** The command; its exit code is 0 when every line got the right reply. */
export const bench = defineCommand({
  name: "bench",
  summary: "Puts load on a line server, and shows its throughput and latency. Checks every\n" +
    "reply: no two lines are alike, and replies must come in the order of the lines.",
  usage: ["hsha bench [options] [HOST:]PORT"],
  table: TABLE,
  excludes: ENDPOINT_EXCLUDES,
  operand: ENDPOINT_OPERAND,
  notes: [
    "With --rate, latency counts from the moment when a line was due. So a server that stalls is " +
    "charged for the lines that had to wait (no coordinated omission). It includes how late this " +
    "program itself was, which is also shown by itself. A line without a reply counts for as long " +
    "as its reply was waited for: up to 5 s after the end of the load.",
    "JSON: target, connections, windowLines, sizeBytes, rateLinesPerSecond, expect, threads, " +
    "warmupSeconds, measuredSeconds, interrupted (by a signal, before its time), lines, " +
    "linesPerSecond, minMicros, meanMicros, p50Micros, p90Micros, p99Micros, p999Micros, " +
    "maxMicros, lateP50Micros, lateP99Micros (how late an open loop sent), linesByWorker, " +
    "mismatches, unanswered, connectionErrors, errorReplies (that begin with ERR), unsent (due, " +
    "but held back by the window at the end), samples (of what went wrong), clientCores " +
    "(processor time of this program). A time that was not measured is null.",
    "Exit codes: 0 when every line got the right reply, 1 when one did not or it cannot connect, " +
    "2 when the command line is wrong. Ctrl-C ends it early: it prints what it has measured, and " +
    "its exit code is 130 (143 after SIGTERM); a second one ends it at once.",
  ],
  examples: [
    ["hsha bench 7007", "64 clients that wait for each reply"],
    ["hsha bench -c 16 --window 64 -d 10 7007", "16 clients that keep 64 lines under way"],
    ["hsha bench --rate 20000 --json 7007", "latency at a fixed rate, for a program to read"],
  ],
  async run(given) {
    const endpoint = toEndpoint(given);
    const connections = given.connections ?? TABLE.connections.default;
    const size = given.size ?? TABLE.size.default;
    const plan: LoadPlan = {
      endpoint,
      connections,
      firstConnection: 0,
      window: windowFor({ connections, size, window: given.window, rate: given.rate }),
      size,
      expect: given.expect ?? TABLE.expect.default,
      rate: given.rate,
      warmupSeconds: given.warmup ?? TABLE.warmup.default,
      durationSeconds: given.duration ?? TABLE.duration.default,
    };
    const threads = Math.min(given.threads ?? TABLE.threads.default, plan.connections);
    const load = await LoadThreads.open(plan, threads);
    const seconds = plan.warmupSeconds + plan.durationSeconds;
    const label = () => `${load.lines.toLocaleString("en-US")} lines`;
    const bar = new ProgressBar({ seconds, label });
    const before = process.cpuUsage();
    const start = performance.now();
    let interrupted: number | undefined;
    onStopSignal((exitCode) => {
      interrupted = exitCode;
      load.stop();
    });
    const stats = await load.run();
    const { user, system } = process.cpuUsage(before);
    const clientCores = (user + system) / 1000 / (performance.now() - start);
    bar.close();
    const findings = { plan, threads, stats, clientCores, interrupted: interrupted !== undefined };
    print((given.json ? toJson : toTable)(findings));
    if (interrupted !== undefined) return interrupted;
    if (!stats.clean) {
      throw new Failure(`${endpoint.name} did not answer every line correctly: ${faults(stats)}`);
    }
    return 0;
  },
});

/** What {@linkcode windowFor} has to know; `window` and `rate` only where they are given. */
interface WindowFactors {
  connections: number;
  size: number;
  window?: number;
  rate?: number;
}

/**
 * The window that is given, else one that fits.
 *
 * @throws {UsageError} The lines under way would take too many bytes.
 */
function windowFor({ connections, size, window, rate }: WindowFactors): number {
  const bytes = connections * (size + 1);
  const open = Math.max(1, Math.min(OPEN_WINDOW, Math.floor(OPEN_BYTES / bytes)));
  const wanted = window ?? (rate === undefined ? 1 : open);
  if (wanted * bytes <= MOST_BYTES) return wanted;
  throw new UsageError(
    `--connections ${connections}, --window ${wanted} and --size ${size} take ` +
      `${wanted * bytes} bytes; lower one of them: ${MOST_BYTES} bytes are allowed`,
  );
}
