/**
 * Draws many points over two numeric axes, as dots or as lines, in SVG text without a library.
 */

import { COLORS as SERIES, px, svg, TEXT, text } from "../tools/svg.ts";
import type { Point } from "./measured.ts";

/** One set of points. */
export interface Series {
  label: string;
  points: readonly Point[];
  mark: "line" | "dot";
}

/** A whole picture. */
export interface Plot {
  title: string;
  /** With its unit, as the vertical one. */
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
  /** Spaces the vertical axis by its logarithm. @default {false} */
  yLog?: boolean;
}

interface Axis {
  ticks: number[];
  /** Where a value lies, from 0 to 1. */
  at(value: number): number;
}

const WIDTH = 720;
const HEIGHT = 340;
const LEFT = 62, RIGHT = WIDTH - 22, TOP = 82, BOTTOM = HEIGHT - 52;
/** The first series is the step before, the second the better one. */
const COLORS = [SERIES[1], SERIES[0]];
const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/**
 * Draws a plot.
 *
 * @returns An SVG document.
 */
export function drawPlot({ title, xLabel, yLabel, series, yLog = false }: Plot): string {
  const all = series.flatMap(({ points }) => points);
  const xAxis = linearAxis(Math.max(...all.map(([x]) => x)));
  const ys = all.map(([, y]) => y);
  const yAxis = yLog ? logAxis(Math.min(...ys), Math.max(...ys)) : linearAxis(Math.max(...ys));
  const atX = (x: number) => px(LEFT + (RIGHT - LEFT) * xAxis.at(x));
  const atY = (y: number) => px(BOTTOM - (BOTTOM - TOP) * yAxis.at(y));

  const parts = [text(title, { x: 16, y: 24, size: 16, weight: 600 })];
  for (const tick of yAxis.ticks) {
    parts.push(`<path d="M${LEFT} ${atY(tick)}H${RIGHT}" stroke="${TEXT}" opacity="0.3"/>\n`);
    parts.push(text(NUMBER.format(tick), { x: LEFT - 8, y: atY(tick) + 4, anchor: "end" }));
  }
  for (const tick of xAxis.ticks) {
    parts.push(text(NUMBER.format(tick), { x: atX(tick), y: BOTTOM + 18, anchor: "middle" }));
  }
  parts.push(text(xLabel, { x: (LEFT + RIGHT) / 2, y: HEIGHT - 12, anchor: "middle" }));
  parts.push(text(yLabel, { x: 16, y: TOP - 14 }));
  let legend = RIGHT;
  for (const [index, { label, points, mark }] of [...series.entries()].reverse()) {
    const color = COLORS[index];
    const places = points.map(([x, y]): Point => [atX(x), atY(y)]);
    parts.push(mark === "line" ? drawLine(places, color) : drawDots(places, index));
    parts.push(text(label, { x: legend, y: 50, anchor: "end", color, weight: 600 }));
    legend -= label.length * 7 + 28;
  }
  const description = `${title}: ${yLabel} over ${xLabel}`;
  return svg({ width: WIDTH, height: HEIGHT, title: description, drawn: parts.join("") });
}

function drawLine(places: readonly Point[], color: string): string {
  const path = places.map(([x, y]) => `${x} ${y}`).join("L");
  return `<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>\n`;
}

/** The second series' dots are hollow, so that colour is not all that tells them apart. */
function drawDots(places: readonly Point[], index: number): string {
  const style = index === 0 ? `fill="${COLORS[0]}"` : `fill="none" stroke="${COLORS[index]}"`;
  return `<g ${style}>${
    places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3"/>`).join("")
  }</g>\n`;
}

function linearAxis(largest: number): Axis {
  const rough = largest / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  const count = Math.ceil(largest / step) || 1;
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  return { ticks, at: (value) => value / (count * step) };
}

/** Whole powers of ten, from below the smallest value to above the largest. */
function logAxis(smallest: number, largest: number): Axis {
  const low = Math.floor(Math.log10(Math.max(smallest, 1e-3)));
  const high = Math.ceil(Math.log10(largest));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { ticks, at: (value) => Math.max(0, (Math.log10(value) - low) / (high - low)) };
}
