/** The last five minutes as curves, by uPlot: rates, times and what waits. */

import { byId, color } from "./dom.js";
import { count, rate, time } from "./format.js";

const HEIGHT = 190;

/** Seconds that the charts show. */
const SPAN = 300;

const SHARED_CURSOR = { sync: { key: "hsha" }, drag: { x: false, y: false }, points: { size: 7 } };

/** Steps between the numbers at an axis of counts: with smaller ones it would write a number twice. */
const WHOLE = Array.from({ length: 12 }, (_, k) => [1, 2, 5].map((step) => step * 10 ** k)).flat();

/** The same at an axis of rates, which are written in tenths. */
const TENTHS = [0.1, 0.2, 0.5, ...WHOLE];

/** Each chart: its place, how its values are written, and its curves (label, color, value, dashes, fill). */
const CHARTS = [
  {
    place: "chart-rates",
    show: rate,
    steps: TENTHS,
    curves: [
      ["accepted", "async", ({ accepted }) => accepted, undefined, "async-faint"],
      ["answered", "sync", ({ answered }) => answered, [6, 3]],
      ["failed", "bad", ({ failed }) => failed],
    ],
  },
  {
    place: "chart-times",
    show: time,
    logarithmic: true,
    curves: [
      ["99 %", "queueing", ({ lineP99 }) => lineP99],
      ["median", "async", ({ lineP50 }) => lineP50],
      ["job, 99 %", "sync", ({ jobP99 }) => jobP99, [6, 3]],
    ],
  },
  {
    place: "chart-waiting",
    show: count,
    steps: WHOLE,
    curves: [
      ["in the queue", "queueing", ({ queue }) => queue, undefined, "queueing-faint"],
      ["replies held", "sync", ({ held }) => held, [6, 3]],
    ],
  },
];

/** Draws the charts. */
export class Charts {
  #plots = [];
  #points = [];
  /** The time of the last point that is drawn. */
  #last;

  constructor() {
    new ResizeObserver(() => this.#fit()).observe(byId("chart-rates"));
  }

  /** Draws points, oldest first. */
  draw(points) {
    const last = points.at(-1)?.at;
    if (last === this.#last) return;
    [this.#points, this.#last] = [points, last];
    CHARTS.forEach((chart, index) => {
      const data = dataOf(chart, points);
      this.#plots[index]?.setData(data);
      byId(chart.place).setAttribute("aria-label", inWords(chart, data));
    });
  }

  /** Builds the charts anew, in the colors of the theme. */
  paint() {
    for (const plot of this.#plots) plot.destroy();
    const ink = color("quiet"), grid = color("way");
    this.#plots = CHARTS.map((chart) => plotOf(chart, { ink, grid, points: this.#points }));
    this.#fit();
  }

  #fit() {
    CHARTS.forEach(({ place }, index) =>
      this.#plots[index]?.setSize({ width: byId(place).clientWidth, height: HEIGHT })
    );
  }
}

function dataOf({ curves, logarithmic }, points) {
  const of = (value) =>
    points.map((point) => {
      const found = value(point);
      return found === null || logarithmic && found <= 0 ? null : found;
    });
  return [points.map(({ at }) => at / 1000), ...curves.map(([, , value]) => of(value))];
}

function plotOf(chart, { ink, grid, points }) {
  const { place, show, logarithmic, steps, curves } = chart;
  const axis = {
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const options = {
    width: byId(place).clientWidth || 300,
    height: HEIGHT,
    cursor: SHARED_CURSOR,
    scales: {
      x: { range: (_, __, max) => [max - SPAN, max] },
      y: logarithmic
        ? { distr: 3, range: decades }
        : { range: (_, __, max) => [0, Math.max(1, max * 1.15)] },
    },
    axes: [
      { ...axis, values: (_, splits) => splits.map((at) => clockOf(at)), space: 70, size: 28 },
      {
        ...axis,
        size: 62,
        ...steps && { incrs: steps },
        values: (_, splits) => splits.map((value) => value === null ? "" : show(value)),
        ...logarithmic && { filter: (_, splits) => splits.map(tenth) },
      },
    ],
    series: [
      { label: "at", value: (_, at) => at === null ? "now" : clockOf(at, true) },
      ...curves.map(([label, ink, , dash, faint]) => ({
        label,
        stroke: color(ink),
        width: 2,
        dash,
        fill: faint && color(faint),
        points: { show: false },
        value: (plot, value, series) => {
          const last = plot.data[series].at(-1);
          return show(value ?? last ?? 0);
        },
      })),
    ],
  };
  return new uPlot(options, dataOf(chart, points), byId(place));
}

/** What a chart shows, in words for people who cannot see it. */
function inWords({ show, curves }, [, ...data]) {
  const parts = curves.map(([label], index) => {
    const known = data[index].filter((value) => value !== null);
    if (known.length === 0) return `${label} no value`;
    return `${label} now ${show(known.at(-1))}, at most ${show(Math.max(...known))}`;
  });
  return `The last five minutes: ${parts.join("; ")}`;
}

/** Whole decades around the values of a logarithmic scale. */
function decades(_, min, max) {
  const [least, most] = [min ?? 1e-4, max ?? 1e-3];
  return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.01))];
}

/** The value, if it is a power of ten: only those are written at a logarithmic axis. */
function tenth(value) {
  return Math.abs(Math.log10(value) % 1) < 1e-6 || Math.abs(Math.log10(value) % 1) > 1 - 1e-6
    ? value
    : null;
}

function clockOf(seconds, exact = false) {
  const text = new Date(seconds * 1000).toLocaleTimeString("en-GB");
  return exact ? text : text.slice(0, 5);
}
