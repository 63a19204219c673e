/**
 * The tables of docs/performance.md, each made from the figures of the last run.
 */

import { type Measured, printFigure } from "../howto/measured.ts";

/** Rows whose cells are text, or names of figures; a name that was not measured is a dash. */
interface Table {
  head: string[];
  rows: string[][];
}

/** Every table by its name. */
export function tables({ figures }: Pick<Measured, "figures">): Record<string, string> {
  const names = Object.keys(figures);
  /** The different words at a place of the names that begin so, in the order of their numbers. */
  const words = (start: string, place: number) => {
    const found = names.filter((name) => name.startsWith(start))
      .map((name) => name.split(".")[place]);
    return [...new Set(found)].sort((a, b) => Number(a) - Number(b));
  };
  const made: Record<string, Table> = {
    hop: {
      head: ["load", "server", "lines/s", "to inline", "p50", "p99", "CPU per line", "client"],
      rows: ["pp1", "pp64", "w64x16", "w512x4"].flatMap((load) =>
        ["inline", "hsha", "go"].map((server) => [
          LOADS[load],
          server,
          ...columns(`hop.${load}.${server}`, "rate rateRatio p50 p99 cpu client"),
        ])
      ),
    },
    feed: {
      head: [
        "job, µs",
        "reactor, per line",
        "workers, per line",
        "lines/s it can pass",
        "cores it feeds",
      ],
      rows: words("job.w64x16.", 2).map((cost) => [
        cost,
        ...columns(`job.w64x16.${cost}.hsha`, "main others"),
        `=feed.w64x16.${cost}.capacity`,
        `=feed.w64x16.${cost}`,
      ]),
    },
    costs: { head: COST_HEAD, rows: [...costRows("w64x16"), ...costRows("pp64")] },
    serial: {
      head: ["load", "lines/s with request", "with serial", "serial to request"],
      rows: ["w512x4", "w64x16", "pp64"].map((load) => [
        LOADS[load],
        `=cost.serial.${load}.default.rate`,
        `=cost.serial.${load}.serial.rate`,
        `=cost.serial.${load}.serial.rateRatio`,
      ]),
    },
    connections: {
      head: [
        "connections",
        "hsha, lines/s",
        "p99",
        "to inline",
        "Go, lines/s",
        "p99",
        "Go to inline",
      ],
      rows: words("connections.", 1).filter((word) => Number(word) > 0).map((count) => [
        count,
        ...columns(`connections.${count}.hsha`, "rate p99 rateRatio"),
        ...columns(`connections.${count}.go`, "rate p99 rateRatio"),
      ]),
    },
    length: {
      head: ["bytes of a line", "hsha", "inline", "hsha to inline", "CPU to inline"],
      rows: words("length.", 1).map((size) => [
        size,
        `=length.${size}.hsha.bytes`,
        `=length.${size}.inline.bytes`,
        ...columns(`length.${size}.hsha`, "rateRatio cpuRatio"),
      ]),
    },
    workers: {
      head: [
        "workers",
        "job blocks 5 ms",
        "to one",
        "job computes 200 µs",
        "to one",
        "echo",
        "to one",
      ],
      rows: words("workers.echo.", 2).map((count) => [
        count,
        ...["blocks", "computes", "echo"].flatMap((job) =>
          columns(`workers.${job}.${count}`, "rate rateRatio")
        ),
      ]),
    },
    job: {
      head: [
        "job, µs",
        "really, inline",
        "sending ahead: to inline",
        "CPU",
        "really",
        "waiting: to inline",
        "CPU",
      ],
      rows: words("job.w64x16.", 2).map((cost) => [
        cost,
        `=job.w64x16.${cost}.real`,
        ...columns(`job.w64x16.${cost}.hsha`, "rateRatio cpuRatio"),
        `=job.pp64.${cost}.real`,
        ...columns(`job.pp64.${cost}.hsha`, "rateRatio cpuRatio"),
      ]),
    },
    tricks: {
      head: [
        "trick",
        "load",
        "lines/s, × without",
        "CPU per line, × without",
        "p99 without",
        "with",
      ],
      rows: TRICKS.map(([trick, load, name]) => [
        name,
        LOADS[load],
        ...columns(`trick.${trick}.${load}.with`, "rateRatio cpuRatio"),
        `=trick.${trick}.${load}.without.p99`,
        `=trick.${trick}.${load}.with.p99`,
      ]),
    },
    isolation: {
      head: ["beside", "hsha p50", "p99", "without fair turns p50", "p99", "inline p50", "p99"],
      rows: BESIDE.map(([beside, name]) => [
        name,
        ...["hsha", "unfair", "inline"].flatMap((server) =>
          columns(`isolation.${beside}.${server}`, "p50 p99")
        ),
      ]),
    },
    memory: {
      head: ["what", "memory"],
      rows: MEMORY.map(([name, what]) => [what, `=memory.${name}`]),
    },
  };
  const cell = (text: string) => {
    if (!text.startsWith("=")) return text;
    const figure = figures[text.slice(1)];
    return figure === undefined ? "–" : printFigure(figure);
  };
  const print = ({ head, rows }: Table) =>
    [head, head.map((_, index) => index === 0 ? "---" : "---:"), ...rows]
      .map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
  return Object.fromEntries(Object.entries(made).map(([name, table]) => [name, print(table)]));
}

/** The loads in words, by the names that figures have. */
const LOADS: Readonly<Record<string, string>> = {
  pp1: "1 waits",
  pp64: "64 wait",
  w64x16: "16 send 64 ahead",
  w512x4: "4 send 512 ahead",
  "w64x16-1k": "16 send 64 ahead, 1 KiB",
};

const COST_HEAD = ["load", "guarantee", "lines/s, × default", "CPU per line, × default"];

const OPTIONS = [
  ["default", "all, by default"],
  ["completion", "order off: `--order completion`"],
  ["unfair", "fair turns off: no option, a changed constant"],
  ["limits", "limits as wide as they go: `--max-line`, `--queue-limit`"],
  ["timeouts", "timeouts off: `--idle-timeout 0 --write-timeout 0 --job-timeout 0`"],
  ["reject", "`--overload reject` in place of `pause`"],
  ["crlf", "`--newline crlf` in place of `lf`"],
];

const TRICKS = [
  ["batches", "w64x16", "batches: many lines in a message"],
  ["batches", "pp64", "batches: many lines in a message"],
  ["sizedByCost", "w64x16", "batches no larger than 1 ms of work, jobs of 50 µs"],
  ["ahead", "w64x16", "a second batch sent ahead, jobs of 50 µs"],
  ["aheadShort", "w512x4", "short lines sent ahead, too"],
  ["awake", "pp1", "parked instead of asleep"],
  ["awake", "pp64", "parked instead of asleep"],
  ["around", "pp64", "whole lines around the stream"],
  ["around", "w64x16", "whole lines around the stream"],
  ["burst", "w512x4", "a client's window in one read"],
  ["burst", "w64x16-1k", "a client's window in one read"],
  ["stock", "w64x16-1k", "buffers used again"],
  ["shortReplies", "w64x16", "short replies copied by a loop"],
];

const BESIDE = [
  ["nobody", "nobody"],
  ["greedy", "4 clients with 512 lines under way"],
  ["slow", "a client whose every other job blocks 20 ms"],
];

const MEMORY = [
  ["inline", "inline server, at rest"],
  ["workers.1", "this server with 1 worker, at rest"],
  ["workers.2", "with 2 workers"],
  ["workers.8", "with 8 workers"],
  ["perWorker", "each worker"],
  ["idle.small", "each idle connection: reads begin with 4 KiB"],
  ["idle.large", "each idle connection, if reads began with 64 KiB (a changed constant)"],
  ["flood.1", "growth, 1 client that sends 1 KiB lines and never reads"],
  ["flood.16", "growth, 16 such clients"],
  ["flood.64", "growth, 64 such clients"],
];

function columns(start: string, ends: string): string[] {
  return ends.split(" ").map((end) => `=${start}.${end}`);
}

function costRows(load: string): string[][] {
  return OPTIONS.map(([option, name]) => [
    LOADS[load],
    name,
    // Measured apart, against its own default: no option switches it.
    ...columns(
      `cost.${option === "unfair" ? "fair." : ""}${load}.${option}`,
      "rateRatio cpuRatio",
    ),
  ]);
}
