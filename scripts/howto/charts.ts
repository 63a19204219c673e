/**
 * The charts of docs/howto: which of the measured points each shows, and what it says about them.
 */

import type { Measured } from "./measured.ts";
import { drawPlot, type Plot } from "./plot.ts";
import { drawSequence } from "./sequence.ts";

/** Draws every chart; the names are those of the files. */
export function drawCharts({ series }: Pick<Measured, "series">): Record<string, string> {
  const seconds = (name: string) => series[name].map(([x, y]): [number, number] => [x / 1000, y]);
  const plots: Record<string, Plot> = {
    "03_inline.svg": {
      title: "A quick client while another one's fib(40) runs inline",
      xLabel: "when the quick client asked, in seconds",
      yLabel: "how long it waited, in milliseconds",
      series: [{ label: "step 3", points: seconds("03.waits"), mark: "dot" }],
    },
    "04_worker_each.svg": {
      title: "What workers for requests that run at the same time take",
      xLabel: "requests at the same time",
      yLabel: "memory of the process above its start, in megabytes",
      series: [{ label: "step 4", points: series["04.memory"], mark: "line" }],
    },
    "05_pool.svg": {
      title: "Twenty quick clients after one long job",
      xLabel: "clients in the order they came",
      yLabel: "how long each waited, in milliseconds",
      series: [{ label: "step 5", points: series["05.turns"], mark: "dot" }],
    },
    "06_queue.svg": {
      title: "The same quick clients, taking turns and with a queue",
      xLabel: "clients in the order they came",
      yLabel: "how long each waited, in milliseconds (logarithmic)",
      yLog: true,
      series: [
        { label: "step 5: turns", points: series["05.turns"], mark: "dot" },
        { label: "step 6: a queue", points: series["06.turns"], mark: "dot" },
      ],
    },
    "07_parallel.svg": {
      title: "Which reply came when",
      xLabel: "number of the line",
      yLabel: "place of its reply",
      series: [
        { label: "step 7", points: series["07.places"], mark: "dot" },
        { label: "in order", points: series["07.order"], mark: "line" },
      ],
    },
    "08_order.svg": {
      title: "Fifty quick lines behind a long one, on one connection",
      xLabel: "number of the line",
      yLabel: "how long its reply took, in milliseconds (logarithmic)",
      yLog: true,
      series: [
        { label: "step 7: as they come", points: series["07.head"], mark: "dot" },
        { label: "step 8: in order", points: series["08.head"], mark: "dot" },
      ],
    },
    "09_flood.svg": {
      title: "A client sends as fast as it can",
      xLabel: "seconds since it began",
      yLabel: "memory of the server above its start, in megabytes",
      series: [{ label: "step 9: no bound", points: series["09.memory"], mark: "line" }],
    },
    "10_back_pressure.svg": {
      title: "The same client, and a server with places for 100 lines",
      xLabel: "seconds since it began",
      yLabel: "memory of the server above its start, in megabytes",
      series: [
        { label: "step 9: no bound", points: series["09.memory"], mark: "line" },
        { label: "step 10: 100 places", points: series["10.memory"], mark: "line" },
      ],
    },
  };
  const charts = Object.entries(plots).map(([file, plot]) => [file, drawPlot(plot)]);
  return { ...Object.fromEntries(charts), "06_sequence.svg": drawTwoJobs() };
}

/** Step 6: two jobs and one worker. It shows no figures, only who waits for whom. */
function drawTwoJobs(): string {
  const [clients, serve, queue, employ, worker] = [0, 1, 2, 3, 4];
  return drawSequence({
    title: "Two jobs and a worker: run and take return at once",
    description: "the only thread that ever blocks is the worker's, between two messages",
    lanes: ["clients", "serve", "queue", "employ", "worker 1"],
    shared: "one thread: it must never block",
    alone: "another thread",
    calls: [
      { from: employ, to: queue, text: "take()" },
      { from: queue, to: employ, text: "empty: a promise", returns: true },
      { from: clients, to: serve, text: "40" },
      { from: serve, to: queue, text: "run(40)" },
      { from: queue, to: serve, text: "a promise", returns: true },
      { from: queue, to: employ, text: "take's promise: 40", returns: true },
      { from: employ, to: worker, text: "postMessage(40)" },
      { from: clients, to: serve, text: "10" },
      { from: serve, to: queue, text: "run(10): it waits" },
      { from: queue, to: serve, text: "a promise", returns: true },
      { from: worker, to: employ, text: "the reply, a message" },
      { from: employ, to: serve, text: "reply(…) resolves run's promise", returns: true },
      { from: serve, to: clients, text: "fib(40) = …" },
      { from: employ, to: queue, text: "take()" },
      { from: queue, to: employ, text: "there: 10", returns: true },
      { from: employ, to: worker, text: "postMessage(10)" },
    ],
    states: [
      { since: 0, text: "blocked", busy: false },
      { since: 6, text: "computes", busy: true },
      { since: 10, text: "blocked", busy: false },
      { since: 15, text: "computes", busy: true },
    ],
  });
}
