/**
 * Draws the timeline of docs/downsides.md: what two workers did with ten lines of one client, and when
 * the client had each reply, in each order mode; SVG text without a library.
 */

import type { Point } from "../howto/measured.ts";
import { COLORS, ON_COLOR, px, svg, TEXT, text } from "../tools/svg.ts";
import { ORDERS } from "./ordering.ts";

const WIDTH = 860;
const LEFT = 86, RIGHT = WIDTH - 20, TOP = 62;
const ROW = 24, PANEL = 4 * ROW + 26;
const [QUICK, SLOW] = COLORS;
const TICK = 20;

/** The traces by name, as `measureOrder` notes them: one entry of each list is one line. */
type Traces = Record<string, Point[]>;

/** The whole picture; its axis is the same for all modes. */
export function drawTimeline(series: Traces): string {
  const last = Math.max(
    ...ORDERS.flatMap((order) => series[`trace.${order}.reply`].map(([, at]) => at)),
  );
  const span = Math.ceil(last / TICK) * TICK;
  const scale = (millis: number) => px(LEFT + (RIGHT - LEFT) * millis / span);
  const height = TOP + ORDERS.length * PANEL + 34;
  const bottom = TOP + ORDERS.length * PANEL;
  let body = text("One slow line and nine quick ones of one client, two workers", {
    x: 16,
    y: 24,
    size: 16,
    weight: 600,
  });
  body += text("bars: jobs in the workers; dots: the client has the reply; number of the line", {
    x: 16,
    y: 44,
  });
  for (let tick = 0; tick <= span; tick += TICK) {
    body += `<path d="M${scale(tick)} ${TOP}V${bottom}" stroke="${TEXT}" opacity="0.25"/>\n`;
    body += text(String(tick), { x: scale(tick), y: bottom + 16, anchor: "middle" });
  }
  body += text("milliseconds since the client sent all ten", {
    x: (LEFT + RIGHT) / 2,
    y: bottom + 31,
    anchor: "middle",
  });
  ORDERS.forEach((order, index) => {
    body += panel(order, { series, scale, top: TOP + index * PANEL });
  });
  const title = "When jobs run and replies arrive, by order mode";
  return svg({ width: WIDTH, height, title, drawn: body });
}

interface PanelOptions {
  series: Traces;
  scale: (millis: number) => number;
  top: number;
}

function panel(order: string, { series, scale, top }: PanelOptions): string {
  const jobs = series[`trace.${order}.job`];
  const replies = series[`trace.${order}.reply`];
  let out = text(`--order ${order}`, { x: 16, y: top + 16, size: 13, weight: 600 });
  const rowAt = (row: number) => top + 24 + row * ROW;
  ["worker 1", "worker 2", "replies"].forEach((label, row) => {
    out += text(label, { x: LEFT - 8, y: rowAt(row) + 15, anchor: "end" });
  });
  series[`trace.${order}.worker`].forEach(([line, worker], index) => {
    const [begun, ended] = jobs[index];
    const [x, width] = [scale(begun), px(Math.max(2, scale(ended) - scale(begun)))];
    const color = line === 1 ? SLOW : QUICK;
    const y = rowAt(worker - 1);
    out += `<rect x="${x}" y="${y + 2}" width="${width}" height="${ROW - 4}" rx="3" ` +
      `fill="${color}"/>\n`;
    out += text(String(line), {
      x: px(x + width / 2),
      y: y + 16,
      anchor: "middle",
      color: ON_COLOR,
    });
  });
  // Replies that came together are one dot with all their numbers.
  const together: { at: number; lines: number[] }[] = [];
  for (const [line, at] of replies) {
    const before = together.at(-1);
    if (before !== undefined && scale(at) - scale(before.at) < 18) before.lines.push(line);
    else together.push({ at, lines: [line] });
  }
  for (const { at, lines } of together) {
    const y = rowAt(2);
    out += `<circle cx="${scale(at)}" cy="${y + 6}" r="4" ` +
      `fill="${lines.includes(1) ? SLOW : QUICK}"/>\n`;
    out += text(range(lines), { x: scale(at), y: y + 23, anchor: "middle" });
  }
  return out;
}

/** `1 2 3 4` as `1–4`. */
function range(lines: readonly number[]): string {
  const [first, last] = [lines[0], lines[lines.length - 1]];
  const inRow = lines.every((line, index) => line === first + index);
  return inRow && lines.length > 2 ? `${first}–${last}` : lines.join(" ");
}
