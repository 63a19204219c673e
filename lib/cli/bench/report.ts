/**
 * What `hsha bench` prints: the findings as one JSON object, or for a person as a table with a chart
 * of the latencies.
 */

import { coloursFor, type Paint } from "../output.ts";
import type { Histogram } from "../../observe/histogram.ts";
import { escaped } from "../visible.ts";
import type { LoadPlan } from "./load.ts";
import type { LoadStats } from "./load_stats.ts";

/** A finished load. */
export interface Findings {
  plan: LoadPlan;
  threads: number;
  stats: LoadStats;
  /** Processor time that the load generator took while it ran, in cores. */
  clientCores: number;
  /** Whether a signal ended it before its time. */
  interrupted?: boolean;
}

/** The most rows of a chart. */
const CHART_ROWS = 20;
/** Columns of a chart's longest bar. */
const BAR_COLUMNS = 40;
/** A column filled by so many eighths. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Everything as one JSON object on one line; the names say the units. A time that was not measured
 * is NaN, which becomes `null`.
 */
export function toJson(
  { plan, threads, stats, clientCores, interrupted = false }: Findings,
): string {
  const { latency } = stats;
  const object = {
    target: plan.endpoint.name,
    connections: plan.connections,
    windowLines: plan.window,
    sizeBytes: plan.size,
    rateLinesPerSecond: plan.rate ?? null,
    expect: plan.expect,
    threads,
    warmupSeconds: plan.warmupSeconds,
    measuredSeconds: round(stats.seconds, 3),
    interrupted,
    lines: stats.lines,
    linesPerSecond: round(linesPerSecond(stats), 1),
    minMicros: round(latency.min, 1),
    meanMicros: round(latency.mean, 1),
    p50Micros: round(latency.quantile(0.5), 1),
    p90Micros: round(latency.quantile(0.9), 1),
    p99Micros: round(latency.quantile(0.99), 1),
    p999Micros: round(latency.quantile(0.999), 1),
    maxMicros: round(latency.max, 1),
    lateP50Micros: round(stats.lateness.quantile(0.5), 1),
    lateP99Micros: round(stats.lateness.quantile(0.99), 1),
    linesByWorker: Object.fromEntries(stats.workers),
    mismatches: stats.mismatches,
    unanswered: stats.unanswered,
    connectionErrors: stats.connectionErrors,
    errorReplies: stats.errorReplies,
    unsent: stats.unsent,
    samples: stats.samples,
    clientCores: round(clientCores, 2),
  };
  return `${escaped(JSON.stringify(object))}\n`;
}

/** Everything for a person, in 80 columns unless what went wrong takes more. */
export function toTable({ plan, threads, stats, clientCores, interrupted }: Findings): string {
  const { bold, dim, red, cyan } = coloursFor(Deno.stdout);
  const { latency } = stats;
  const quantile = (name: string, part: number) => `${name} ${time(latency.quantile(part))}`;
  const shares = stats.workers.map(([id, lines]) => `${id}: ${percent(lines / stats.lines)}`);
  const pace = plan.rate === undefined ? "closed loop" : `${count(plan.rate)} lines/s wanted`;
  const rows: [string, string][] = [
    ["target", plan.endpoint.name],
    [
      "load",
      `${count(plan.connections)} connections, window ${count(plan.window)}, ` +
      `${count(plan.size)}-byte lines, ${pace}`,
    ],
    [
      "measured",
      `${stats.seconds.toFixed(2)} s after ${plan.warmupSeconds} s of warm-up` +
      (interrupted ? ", then interrupted" : ""),
    ],
    [
      "generator",
      `${clientCores.toFixed(2)} cores, ${threads} ${threads > 1 ? "threads" : "thread"}`,
    ],
    ["throughput", `${bold(count(linesPerSecond(stats)))} lines/s, ${count(stats.lines)} lines`],
    [
      "latency",
      [
        bold(quantile("p50", 0.5)),
        quantile("p90", 0.9),
        quantile("p99", 0.99),
        quantile("p99.9", 0.999),
      ].join(", "),
    ],
    ["", `min ${time(latency.min)}, mean ${time(latency.mean)}, max ${time(latency.max)}`],
  ];
  if (plan.rate !== undefined) {
    const [p50, p99] = [0.5, 0.99].map((part) => time(stats.lateness.quantile(part)));
    rows.push(["", `of which by sending late: p50 ${p50}, p99 ${p99}`]);
  }
  if (plan.expect === "echo" && shares.length > 0) rows.push(["by worker", wrapped(shares)]);
  if (stats.errorReplies > 0) rows.push(["ERR", `${count(stats.errorReplies)} replies`]);
  if (stats.unsent > 0) rows.push(["unsent", `${count(stats.unsent)} lines were due at the end`]);
  rows.push(["wrong", stats.clean ? "nothing" : red(faults(stats))]);
  for (const sample of stats.samples) rows.push(["", escaped(sample)]);
  const table = rows.map(([name, value]) => `${dim(name.padEnd(12))}${value}`);
  return [...table, "", ...chart(latency, cyan), ""].join("\n");
}

/** What went wrong, as words. */
export function faults({ mismatches, unanswered, connectionErrors, noneRight }: LoadStats): string {
  const hint = noneRight ? "; if it is no echo, --expect none takes any reply" : "";
  return `${count(mismatches)} mismatches, ${count(unanswered)} unanswered, ` +
    `${count(connectionErrors)} connection errors${hint}`;
}

/**
 * The latencies as bars, one for each factor of √2, or of 2, 4 … where those would be too many.
 */
function chart(latency: Histogram, paint: Paint): string[] {
  if (latency.count === 0) return [];
  let step = 0.5;
  const rows = () => Math.floor(Math.log2(latency.max) / step) - first() + 1;
  const first = () => Math.floor(Math.log2(latency.min) / step);
  while (rows() > CHART_ROWS) step *= 2;
  const bars = Array.from({ length: rows() }, (_, row) => {
    const [from, to] = [2 ** ((first() + row) * step), 2 ** ((first() + row + 1) * step)];
    return { from, share: latency.between(from, to) / latency.count };
  });
  const longest = Math.max(...bars.map(({ share }) => share));
  return bars.map(({ from, share }) => {
    const eighths = Math.ceil(share / longest * BAR_COLUMNS * 8);
    const bar = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
    return `from ${time(from).padStart(8)} ${paint(bar.padEnd(BAR_COLUMNS))} ${percent(share)}`;
  });
}

function linesPerSecond({ lines, seconds }: LoadStats): number {
  return seconds === 0 ? 0 : lines / seconds;
}

/** A time of so many microseconds, in three digits or more and the unit that suits. */
function time(micros: number): string {
  if (Number.isNaN(micros)) return "–";
  const [value, unit] = micros < 999.5
    ? [micros, "µs"]
    : micros < 999_500
    ? [micros / 1000, "ms"]
    : [micros / 1e6, "s"];
  return `${value < 999.5 ? value.toPrecision(3) : count(value)} ${unit}`;
}

function percent(share: number): string {
  const text = (share * 100).toFixed(2);
  return `${share > 0 && text === "0.00" ? "<0.01" : text} %`.padStart(8);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A few items on a line, the lines below each other. */
function wrapped(items: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += 4) lines.push(items.slice(i, i + 4).join(", "));
  return lines.join(`\n${" ".repeat(12)}`);
}
