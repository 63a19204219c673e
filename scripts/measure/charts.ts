/**
 * The charts of docs/performance.md and docs/downsides.md, by the names of their files.
 */

import type { Measured } from "../howto/measured.ts";
import { type Bar, barChart, lineChart, type LineSeries, twoDigits } from "../tools/chart.ts";
import { drawTimeline } from "./timeline.ts";

const SERVERS = [["inline", "inline"], ["unfair", "no fair turns"], ["hsha", "hsha"]];
const BESIDE = [
  ["nobody", "beside nobody"],
  ["greedy", "beside 4 clients with 512 lines under way each"],
  ["slow", "beside jobs of 20 ms on every other line"],
];

/** A time as it stands at a bar, from milliseconds. */
function spell(millis: number): string {
  return millis < 1000 ? `${twoDigits(millis)} ms` : `${twoDigits(millis / 1000)} s`;
}

/** Draws every chart. */
export function drawCharts({ figures, series, machine }: Measured): Record<string, string> {
  const lines = (labels: Record<string, string>): LineSeries[] =>
    Object.entries(labels).filter(([name]) => series[name] !== undefined)
      .map(([name, label]) => ({ label, points: series[name] }));
  const subtitle = machine;
  return {
    "performance_break_even.svg": lineChart({
      title: "With cheap jobs inline answers more lines than the pool, with longer ones fewer",
      subtitle,
      xLabel: "what a job costs, in µs (logarithmic; 0 stands apart)",
      yLabel: "lines per second of the pool, × those of the same handler inline",
      xLog: true,
      series: lines({ "job.w64x16": "16 send 64 ahead", "job.pp64": "64 wait" }),
    }),
    "performance_connections.svg": lineChart({
      title: "Clients that wait for each reply: the rate by their number",
      subtitle,
      xLabel: "connections (logarithmic)",
      yLabel: "lines per second",
      xLog: true,
      series: lines({
        "connections.hsha": "hsha",
        "connections.inline": "inline",
        "connections.go": "Go",
      }),
    }),
    "performance_length.svg": lineChart({
      title: "Longer lines move more bytes: 16 clients, each with 16 lines under way",
      subtitle,
      xLabel: "bytes of a line (logarithmic)",
      yLabel: "megabytes per second, one way",
      xLog: true,
      series: lines({ "length.hsha": "hsha", "length.inline": "inline" }),
    }),
    "performance_workers.svg": lineChart({
      title:
        "Jobs that block gain with every worker, jobs that compute up to the cores, echo nothing",
      subtitle,
      xLabel: "workers",
      yLabel: "× the lines per second of one worker",
      series: lines({
        "workers.blocks": "blocks 5 ms",
        "workers.computes": "computes 200 µs",
        "workers.echo": "echo",
      }),
    }),
    "downsides_isolation.svg": barChart({
      title: "How long a polite client waits for a reply: 99th percentile",
      subtitle,
      columns: 1,
      panels: BESIDE.map(([beside, title]) => ({
        title,
        bars: SERVERS.flatMap(([server, label]): Bar[] => {
          const figure = figures[`isolation.${beside}.${server}.p99`];
          if (figure === undefined) return [];
          const { value } = figure;
          return [{ label, value, text: spell(value), accent: server === "hsha" }];
        }),
      })),
    }),
    "downsides_timeline.svg": drawTimeline(series),
  };
}
