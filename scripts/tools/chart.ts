/**
 * A small chart writer: bars in panels and lines over an axis, as SVG text without a library, for
 * the figures in docs/.
 */

import { COLORS, PLAIN, px, svg, TEXT, text } from "./svg.ts";

/** One bar. Its length is `value` against the largest of its panel. */
export interface Bar {
  label: string;
  /** `undefined`: no bar, only the text. */
  value?: number;
  /** What is written at the bar's end. */
  text: string;
  /** Drawn in the accent colour. @default {false} */
  accent?: boolean;
}

/** A group of bars with a scale of its own. */
export interface BarPanel {
  title: string;
  bars: readonly Bar[];
}

/** What every chart has. */
export interface ChartOptions {
  title: string;
  /** A line below the title. */
  subtitle?: string;
  /** Width of the picture in pixels. @default {860} */
  width?: number;
}

/** Options of {@linkcode barChart}. */
export interface BarChartOptions extends ChartOptions {
  panels: readonly BarPanel[];
  /** Panels beside each other. @default {2} */
  columns?: number;
}

/** One line of a {@linkcode lineChart}; its points go from left to right. */
export interface LineSeries {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** Options of {@linkcode lineChart}. */
export interface LineChartOptions extends ChartOptions {
  xLabel: string;
  yLabel: string;
  series: readonly LineSeries[];
  /** Spaces `x` by its logarithm; 0 stands to the left of all, behind a break. @default {false} */
  xLog?: boolean;
  /** Height of the picture in pixels. @default {360} */
  height?: number;
}

const MARGIN = 16;
const HEAD = 62;
const BAR_STEP = 22;
const LABEL_HEIGHT = 15;
/** What 0 is drawn as on an axis of logarithms, as a part of the least of the other values. */
const ZERO_GAP = 3;
const LABEL_WIDTH = 96;
/** What a picture of several panels says of their scales. */
const OWN_SCALES =
  "Each group has a scale of its own: compare bars within a group, not between groups.";
const VALUE_WIDTH = 132;

/**
 * Draws panels of horizontal bars.
 *
 * @returns An SVG document.
 */
export function barChart(options: BarChartOptions): string {
  const { panels, columns = 2, width = 860 } = options;
  const panelWidth = (width - MARGIN) / columns - MARGIN;
  const panelHeight = 40 + BAR_STEP * Math.max(0, ...panels.map((panel) => panel.bars.length));
  const body = panels.map((panel, index) => {
    const x = MARGIN + (index % columns) * (panelWidth + MARGIN);
    const y = HEAD + Math.floor(index / columns) * panelHeight;
    return `<g transform="translate(${px(x)} ${px(y)})">\n${barPanel(panel, panelWidth)}</g>\n`;
  });
  const height = HEAD + panelHeight * Math.ceil(panels.length / columns) +
    (panels.length > 1 ? 22 : 0);
  if (panels.length > 1) {
    body.push(text(OWN_SCALES, { x: MARGIN, y: height - 10 }));
  }
  const told = panels.map((panel) =>
    `${panel.title}: ${panel.bars.map((bar) => `${bar.label} ${bar.text}`).join(", ")}.`
  );
  return picture(options, { width, height, description: told.join(" "), body: body.join("") });
}

function barPanel({ title, bars }: BarPanel, width: number): string {
  const longest = Math.max(...bars.map((bar) => bar.value ?? 0), Number.MIN_VALUE);
  const room = width - LABEL_WIDTH - VALUE_WIDTH;
  let out = text(title, { x: 0, y: 14, weight: 600 });
  bars.forEach((bar, index) => {
    const y = 24 + index * BAR_STEP;
    const length = bar.value === undefined ? 0 : Math.max(1, room * bar.value / longest);
    const color = bar.accent ? COLORS[0] : PLAIN;
    out += text(bar.label, { x: LABEL_WIDTH - 8, y: y + 12, anchor: "end" });
    if (length > 0) {
      out += `<rect x="${LABEL_WIDTH}" y="${y}" width="${px(length)}" height="16" rx="2" ` +
        `fill="${color}"/>\n`;
    }
    out += text(bar.text, { x: LABEL_WIDTH + length + (length > 0 ? 6 : 0), y: y + 12 });
  });
  return out;
}

/**
 * Draws lines over two axes; the vertical one begins at 0.
 *
 * @returns An SVG document.
 * @throws {RangeError} If there is no point, or an `x` below 0 with `xLog`.
 */
export function lineChart(options: LineChartOptions): string {
  const { series, xLog = false, width = 860, height = 360 } = options;
  const xs = [...new Set(series.flatMap((line) => line.points.map(([x]) => x)))]
    .sort((a, b) => a - b);
  if (xs.length === 0) throw new RangeError(`The chart "${options.title}" has no points`);
  if (xLog && xs[0] < 0) throw new RangeError(`x must not be below 0 with xLog, not ${xs[0]}`);
  const broken = xLog && xs[0] === 0 && xs.length > 1;
  // As far from the least of the others as a factor of ZERO_GAP would be.
  const scaled = (x: number) => !xLog ? x : Math.log(x === 0 && broken ? xs[1] / ZERO_GAP : x || 1);
  const [first, last] = [scaled(xs[0]), scaled(xs[xs.length - 1])];
  const [left, right, top, bottom] = [64, width - 150, HEAD + 14, height - 48];
  const atX = (x: number) => left + (right - left) * (scaled(x) - first) / (last - first || 1);
  const ticks = niceTicks(Math.max(...series.flatMap((line) => line.points.map(([, y]) => y))));
  const sayY = ticks[ticks.length - 1] < 10_000 ? grouped : short;
  const atY = (y: number) => bottom - (bottom - top) * y / ticks[ticks.length - 1];

  let body = "";
  for (const y of ticks) {
    body += `<path d="M${left} ${px(atY(y))}H${right}" stroke="${TEXT}" opacity="0.3"/>\n`;
    body += text(sayY(y), { x: left - 8, y: atY(y) + 4, anchor: "end" });
  }
  for (const x of xs) body += text(grouped(x), { x: atX(x), y: bottom + 18, anchor: "middle" });
  if (broken) {
    const x = (atX(0) + atX(xs[1])) / 2;
    body += `<path d="M${px(x - 5)} ${bottom + 6}l4 -12M${px(x + 1)} ${bottom + 6}l4 -12" ` +
      `stroke="${TEXT}" stroke-width="1.5"/>\n`;
  }
  body += text(options.xLabel, { x: (left + right) / 2, y: height - 10, anchor: "middle" });
  body += text(options.yLabel, { x: MARGIN, y: top - 10 });
  const labelYs = apart(series.map(({ points }) => atY(points[points.length - 1][1]) + 4));
  for (const [index, { label, points }] of series.entries()) {
    const color = COLORS[index % COLORS.length];
    const at = ([x, y]: readonly [number, number]) => `${px(atX(x))} ${px(atY(y))}`;
    const whole = broken ? points.filter(([x]) => x > 0) : points;
    if (whole.length < points.length && whole.length > 0) {
      // Between 0 and the first of the others the axis says nothing, nor does the line.
      body += `<path d="M${at(points[0])}L${at(whole[0])}" fill="none" stroke="${color}" ` +
        `stroke-width="2" stroke-dasharray="2 4"/>\n`;
    }
    const path = whole.map(at).join("L");
    body += `<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>\n`;
    for (const [x, y] of points) {
      body += `<circle cx="${px(atX(x))}" cy="${px(atY(y))}" r="3" fill="${color}"/>\n`;
    }
    const [endX] = points[points.length - 1];
    body += text(label, { x: atX(endX) + 8, y: labelYs[index], color });
  }
  const description = series.map(({ label, points }) =>
    `${label}: ${points.map(([x, y]) => `${short(y)} at ${grouped(x)}`).join(", ")}.`
  ).join(" ");
  return picture(options, { width, height, description, body });
}

/** Heights of labels, moved down where one would cover another. */
function apart(heights: readonly number[]): number[] {
  const moved = [...heights];
  let last = -Infinity;
  for (const [height, index] of heights.map((y, at) => [y, at]).sort(([a], [b]) => a - b)) {
    last = moved[index] = Math.max(height, last + LABEL_HEIGHT);
  }
  return moved;
}

/** Round numbers from 0 to at least `largest`, three to six of them. */
function niceTicks(largest: number): number[] {
  const rough = (largest || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough)!;
  const count = Math.ceil((largest || 1) / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

const TWO_DIGITS = new Intl.NumberFormat("en", {
  notation: "compact",
  minimumSignificantDigits: 2,
  maximumSignificantDigits: 2,
});

/** A value as it stands at a bar, whose length says the rest: 19K, 0.21, 2.3K. */
export function twoDigits(value: number): string {
  return TWO_DIGITS.format(value);
}

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

const GROUPED = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });

/** A number in full: 0.5, 16,384. */
function grouped(value: number): string {
  return GROUPED.format(value);
}

/** A large number as people write it beside an axis: 150K, 20M. */
export function short(value: number): string {
  return SHORT.format(value);
}

interface Drawing {
  width: number;
  height: number;
  description: string;
  body: string;
}

function picture({ title, subtitle }: ChartOptions, drawing: Drawing): string {
  const [width, height] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
  const drawn = text(title, { x: MARGIN, y: 24, weight: 600, size: 16 }) +
    (subtitle ? text(subtitle, { x: MARGIN, y: 44 }) : "") + drawing.body;
  return svg({ width, height, title, description: drawing.description, drawn });
}
