/**
 * Draws a sequence diagram in SVG text without a library: who calls whom, from top to bottom, and what
 * a thread does meanwhile. The colours are those of the plots.
 */

import { COLORS, darkStyle, TEXT } from "../svg_style.ts";
import { escapeText } from "./plot.ts";

/** A call (a full line), or what it returns (a dashed one). */
export interface Call {
  from: number;
  to: number;
  text: string;
  returns?: boolean;
}

/** What the thread of the last lane does from this call on. */
export interface State {
  /** Index of the call. */
  since: number;
  text: string;
  /** Whether it works; else it is blocked. */
  busy: boolean;
}

/** A whole diagram. The first lane is outside; those between it and the last share a thread. */
export interface Sequence {
  title: string;
  /** Says what the diagram shows, for readers who cannot see it. */
  description: string;
  lanes: readonly string[];
  shared: string;
  alone: string;
  calls: readonly Call[];
  states: readonly State[];
}

const WIDTH = 720, TOP = 108, ROW = 27;
const [CALL, THREAD] = COLORS;

/** Draws a sequence. @returns An SVG document. */
export function drawSequence(sequence: Sequence): string {
  const { title, description, lanes, shared, alone, calls, states } = sequence;
  const gap = (WIDTH - 130) / (lanes.length - 1);
  const atLane = (index: number) => Math.round(45 + gap * index);
  const atCall = (index: number) => TOP + ROW * index;
  const bottom = atCall(calls.length) - 6, height = bottom + 16, last = lanes.length - 1;

  const parts = [text(title, 16, 24, { size: 16, weight: 600, anchor: "start" })];
  const [left, right] = [atLane(1) - 55, atLane(last - 1) + 58];
  parts.push(
    `<path d="M${left} 62V56H${right}V62" fill="none" stroke="${TEXT}"/>`,
    text(shared, (left + right) / 2, 50),
    text(alone, atLane(last), 50, { color: THREAD }),
  );
  lanes.forEach((lane, index) => {
    const color = index === last ? THREAD : TEXT;
    parts.push(
      text(lane, atLane(index), 78, { weight: 600, color }),
      `<path d="M${atLane(index)} 86V${bottom}" stroke="${color}" opacity="0.4"/>`,
    );
  });
  states.forEach(({ since, text: what, busy }, index) => {
    const from = since === 0 ? 90 : atCall(since);
    const to = index + 1 < states.length ? atCall(states[index + 1].since) : bottom;
    const fill = busy ? THREAD : "none";
    parts.push(
      `<rect x="${atLane(last) - 5}" y="${from}" width="10" height="${to - from}" ` +
        `fill="${fill}" stroke="${THREAD}"/>`,
      text(what, atLane(last) + 12, (from + to) / 2 + 4, { anchor: "start", color: THREAD }),
    );
  });
  calls.forEach((call, index) => parts.push(drawCall(call, atLane, atCall(index), last)));
  const drawn = parts.join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="${WIDTH}" height="${height}" role="img" ` +
    `font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">\n` +
    `<title>${escapeText(`${title}: ${description}`)}</title>\n${
      darkStyle(drawn)
    }${drawn}\n</svg>\n`;
}

function drawCall(
  { from, to, text: what, returns = false }: Call,
  atLane: (index: number) => number,
  y: number,
  last: number,
): string {
  const way = Math.sign(to - from);
  const [start, end] = [atLane(from), atLane(to) - way * (to === last ? 6 : 1)];
  const dashes = returns ? ` stroke-dasharray="4 3"` : "";
  return [
    text(what, (start + end) / 2, y - 5),
    `<path d="M${start} ${y}H${end}" stroke="${CALL}"${dashes}/>`,
    `<path d="M${end - way * 6} ${y - 3.5}L${end} ${y}L${end - way * 6} ${
      y + 3.5
    }" fill="none" stroke="${CALL}"/>`,
  ].join("\n");
}

interface TextStyle {
  size?: number;
  weight?: number;
  anchor?: "start" | "middle";
  color?: string;
}

function text(what: string, x: number, y: number, style: TextStyle = {}): string {
  const { size, weight, anchor = "middle", color = TEXT } = style;
  const extra = (size === undefined ? "" : ` font-size="${size}"`) +
    (weight === undefined ? "" : ` font-weight="${weight}"`);
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}"${extra}>${
    escapeText(what)
  }</text>`;
}
