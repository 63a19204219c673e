/**
 * Draws a sequence diagram in SVG text without a library: who calls whom, from top to bottom, and what
 * a thread does meanwhile. The colours are those of the plots.
 */

import { COLORS, svg, TEXT, text, type TextStyle } from "../tools/svg.ts";

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

  const parts = [text(title, { x: 16, y: 24, size: 16, weight: 600 })];
  const [left, right] = [atLane(1) - 55, atLane(last - 1) + 58];
  parts.push(
    `<path d="M${left} 62V56H${right}V62" fill="none" stroke="${TEXT}"/>\n`,
    label(shared, (left + right) / 2, 50),
    label(alone, atLane(last), 50, { color: THREAD }),
  );
  lanes.forEach((lane, index) => {
    const color = index === last ? THREAD : TEXT;
    parts.push(
      label(lane, atLane(index), 78, { weight: 600, color }),
      `<path d="M${atLane(index)} 86V${bottom}" stroke="${color}" opacity="0.4"/>\n`,
    );
  });
  states.forEach(({ since, text: what, busy }, index) => {
    const from = since === 0 ? 90 : atCall(since);
    const to = index + 1 < states.length ? atCall(states[index + 1].since) : bottom;
    const fill = busy ? THREAD : "none";
    parts.push(
      `<rect x="${atLane(last) - 5}" y="${from}" width="10" height="${to - from}" ` +
        `fill="${fill}" stroke="${THREAD}"/>\n`,
      text(what, { x: atLane(last) + 12, y: (from + to) / 2 + 4, color: THREAD }),
    );
  });
  calls.forEach((call, index) => parts.push(drawCall(call, atLane, atCall(index), last)));
  const drawn = parts.join("");
  return svg({ width: WIDTH, height, title: `${title}: ${description}`, drawn });
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
    label(what, (start + end) / 2, y - 5),
    `<path d="M${start} ${y}H${end}" stroke="${CALL}"${dashes}/>\n`,
    `<path d="M${end - way * 6} ${y - 3.5}L${end} ${y}L${end - way * 6} ${
      y + 3.5
    }" fill="none" stroke="${CALL}"/>\n`,
  ].join("");
}

/** Text above a place: its middle is at `x`. */
function label(what: string, x: number, y: number, style: Partial<TextStyle> = {}): string {
  return text(what, { x, y, anchor: "middle", ...style });
}
