/**
 * The page and the picture of the comparison, from the rows of the measurements.
 */

import { barChart, twoDigits } from "../tools/chart.ts";
import { finding } from "./finding.ts";
import { type Mode, MODES } from "./modes.ts";
import { type Row, withRatios } from "./summary.ts";

/** A whole comparison, as docs/compare.json keeps it: all that pages and charts are made from. */
export interface Comparison {
  peers: readonly PeerNote[];
  failures: readonly string[];
  /** By load: what each peer did that ran. */
  rows: Readonly<Record<string, readonly Omit<Row, "ratio">[]>>;
  /** The machine, in one line. */
  machine: string;
  /** The command that repeats it. */
  command: string;
  rounds: number;
  /** Seconds of each measurement, and of the warm-up before it. */
  seconds: number;
  warmUp: number;
  workers: number;
  /** The day, as in 2026-01-31. */
  date: string;
}

/** A peer as the page names it. */
export interface PeerNote {
  name: string;
  description: string;
  /** Its versions; absent when it was not run. */
  version?: string;
  /** Why it was not run. */
  missing?: string;
}

/** The loads that were measured, in the order of the tables, each with its rows. */
function loads({ rows }: Comparison): { mode: Mode; rows: Row[] }[] {
  return MODES.filter(({ id }) => rows[id] !== undefined)
    .map((mode) => ({ mode, rows: withRatios(rows[mode.id]) }));
}

/** The chart: a panel for each load, its bars against the fastest of the panel. */
export function chart(comparison: Comparison): string {
  const { peers, machine, workers } = comparison;
  const panels = loads(comparison).map(({ mode, rows }) => {
    const bars = peers.map(({ name, missing }) => {
      const row = rows.find(({ peer }) => peer === name);
      if (!row) return { label: name, text: missing === undefined ? "failed" : "not run" };
      const ratio = row.ratio === undefined || name === "hsha"
        ? ""
        : ` (${twoDigits(row.ratio)} ×)`;
      const text = `${twoDigits(row.linesPerSecond)}${ratio}`;
      return { label: name, value: row.linesPerSecond, text, accent: name === "hsha" };
    });
    return { title: `${mode.id}: ${mode.title}`, bars };
  });
  return barChart({
    title: "Lines per second, the job run by workers; in brackets against hsha",
    subtitle: `${workers} workers; ${machine}`,
    panels,
  });
}

/** The page, in Markdown. */
export function page(comparison: Comparison): string {
  const { peers, failures } = comparison;
  const wrong = failures.length === 0
    ? []
    : ["## What went wrong", "", ...failures.map((each) => `- ${cell(each)}`), ""];
  return [
    "<!-- Made by scripts/compare.ts; what is changed here by hand is lost. -->",
    "",
    ...INTRODUCTION,
    ...table(["peer", "what it is", "version"], ["---", "---", "---"], peers.map(peerCells)),
    "",
    `![${finding(comparison)}](compare.svg)`,
    "",
    "## Figures",
    "",
    ...conditions(comparison),
    "",
    ...loads(comparison).flatMap(({ mode, rows }) => modeTable(mode, rows, peers)),
    ...wrong,
    ...READING,
  ].join("\n") + "\n";
}

function peerCells({ name, description, version, missing }: PeerNote): string[] {
  return [name, description, version ?? `not run: ${missing}`];
}

function conditions(comparison: Comparison): string[] {
  const { machine, date, rounds, seconds, warmUp, workers, command } = comparison;
  return [
    `${date}, on ${machine}. ${workers} workers; medians over ${rounds} × ${seconds} s, in rounds,`,
    `each after ${warmUp} s of warm-up and with a fresh server. Every reply was compared whole with`,
    "the one expected next on its connection; those of `cpu` were counted, and 200 of them compared",
    "before each measurement.",
    "",
    "```sh",
    command,
    "```",
  ];
}

const HEAD = [
  "peer",
  "lines/s",
  "against hsha",
  "spread",
  "p50 µs",
  "p99 µs",
  "server CPU µs/line",
  "peak RSS MiB",
  "client cores",
];

function modeTable(mode: Mode, rows: readonly Row[], peers: readonly PeerNote[]): string[] {
  const ran = rows.toSorted((a, b) => b.linesPerSecond - a.linesPerSecond).map(rowCells);
  const absent = peers.filter(({ name }) => rows.every(({ peer }) => peer !== name))
    .map(({ name, missing }) => [name, missing === undefined ? "failed" : `not run: ${missing}`]);
  const body = [...ran, ...absent].map((cells) => HEAD.map((_, index) => cells[index] ?? "–"));
  return [
    `### ${mode.id}: ${mode.title}`,
    "",
    ...table(HEAD, HEAD.map((_, index) => index === 0 ? "---" : "---:"), body),
    "",
  ];
}

function rowCells(row: Row): string[] {
  return [
    row.wrong === 0 ? row.peer : `${row.peer} (${row.wrong} replies wrong)`,
    grouped(row.linesPerSecond),
    row.ratio === undefined ? "–" : times(row.ratio),
    `±${Math.round(row.spread * 100)} %`,
    grouped(row.p50),
    grouped(row.p99),
    row.cpuPerLine?.toFixed(2) ?? "–",
    row.peakRss?.toFixed(0) ?? "–",
    row.clientCores.toFixed(2),
  ];
}

function table(head: string[], rule: string[], body: string[][]): string[] {
  return [head, rule, ...body].map((cells) => `| ${cells.map(cell).join(" | ")} |`);
}

/** Text for a table's cell: one line, and no bar that would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

function grouped(value: number): string {
  return GROUPED.format(value);
}

function times(ratio: number): string {
  return `${ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)} ×`;
}

const INTRODUCTION = `
# Side by side

The same server in four ways: an event loop frames lines, and a fixed set of workers runs a job for
each. All have the same job, the same number of workers, the same load, and send their replies in
the order of the lines. When to choose which is in [downsides](downsides.md#the-alternatives).
`.trim().split("\n").concat("");

const READING = `
## How to read this

- **One machine, one closed loop.** The load generator is this project's own, \`hsha bench\`, and
  shares the processors with the server. Each connection sends its next line when a reply has come.
  So the latency is that of a full server, not that of a fixed rate of arrivals. Where _client
  cores_ nears 1, the client is the limit, and only the CPU time per line tells servers apart.
- **Differences below 15 % are noise** on a machine with neighbours. The column _spread_ is half the
  distance between the slowest and the fastest round. \`pp1\` measures thread wake-ups, and depends
  on the machine most.
- **\`cpu\` compares standard libraries too.** SHA-256 of 32 bytes, 200 times, costs mostly the way
  into the library: 0.35 µs of CPU time a hash in Go, 1.3 in Python, 2.3 in Node, and 7 in
  Deno's \`node:crypto\`. What the servers themselves
  cost is in the other loads.
- **Ratios are within this run.** Do not compare a figure with one of another run or machine.
- **CPU time** is that of the whole server process, user and system, per line answered. **Peak RSS**
  is the largest since its start.

## What each does for you

| | hsha | Go | Node with Piscina | Twisted |
| --- | --- | --- | --- | --- |
| the job may block | yes, it has a worker to itself | yes, goroutines are cheap | yes, in its thread | yes, in its thread |
| threads run the job in parallel | yes | yes | yes | only what releases the GIL: hashing above 2 KiB, I/O |
| order of the replies | a flag: request, completion, serial, pinned | in this program: request | in this program: request | in this program: request |
| a bound on what is accepted and unanswered | over all connections, fair | the two channels' length | none in this program | none in this program |
| line ends | \`\\n\`, \`\\r\\n\`, \`\\r\` | \`\\n\`, \`\\r\\n\` | \`\\n\` | \`\\n\` |
| bytes that are not UTF-8 | come back | come back | replaced | come back |
| a line too long | one error reply, then on | the connection ends | none in this program | the connection ends |
| a job that hangs | stopped at a deadline: an error reply, a new worker | none: a goroutine cannot be ended | none in this program | none: a thread cannot be ended |
| a job's reach on the machine | nothing, unless granted | all the process may do | all the process may do | all the process may do |

The programs are in [\`scripts/peers/\`](../scripts/peers/). Each is a first version as its users
would write it, tuned for speed. Go flushes its buffer only when it would wait. Twisted's transport
joins what is written in one turn. Piscina gives each thread up to 64 tasks at once; its manual
advises that only for tasks that await something, as a long job holds up 63 others, but it helps
Node here. What the table marks as missing _in this program_ can be built there, too. A first
version does without it, and it would only cost speed.
`.trim().split("\n");
