/** Slow motion: the last lines followed, each as a bar from its acceptance to its reply. */

import { byId, drawn, element, write } from "./dom.js";
import { time } from "./format.js";

const ROW = 13, LEFT = 118, RIGHT = 56, TOP = 8, BOTTOM = 26;

/** The parts of a line's way: the name of each, and the times between which it lies. */
const PARTS = [
  ["waiting", (line) => [line.accepted, line.started ?? line.written]],
  ["running", (line) => [line.started, line.ended]],
  ["back", (line) => [line.ended, line.held ?? line.written]],
  ["held", (line) => [line.held, line.written]],
];

const NOTES = {
  waiting: "waiting in the queue",
  running: "running in a worker (its number)",
  back: "on the way back",
  held: "held for an earlier line",
};

/** Draws the lines. */
export class Timeline {
  #byClock = false;
  #samples = [];
  #order = "";
  #lastId;
  #chart = element("div", {
    class: "scroll",
    tabindex: "0",
    role: "group",
    "aria-label": "Timeline",
  });
  #summary = element("p", { class: "small" });
  #rows = element("tbody");
  #table;

  constructor() {
    const clock = element("input", { type: "checkbox", id: "by-clock" });
    clock.addEventListener("change", () => {
      this.#byClock = clock.checked;
      this.#draw();
    });
    const head = ["line", "connection", "bytes", "worker", "waited", "ran", "held", "in all"];
    this.#table = element(
      "details",
      {},
      element("summary", {}, "The same as a table"),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table" },
        element(
          "table",
          {},
          element(
            "thead",
            {},
            element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text))),
          ),
          this.#rows,
        ),
      ),
    );
    this.#table.addEventListener("toggle", () => this.#draw());
    const legend = Object.entries(NOTES).map(([part, note]) =>
      element("li", {}, element("i", { class: part }), note)
    );
    byId("timeline").append(
      element("ul", { class: "legend" }, ...legend),
      element("label", {}, clock, " by the clock: each line from when it came, pauses left out"),
      this.#summary,
      this.#chart,
      this.#table,
    );
    this.clear();
  }

  /** Forgets what was followed before. */
  clear() {
    this.show([], "");
  }

  /** Shows the lines that are kept. */
  show(samples, order) {
    const lastId = samples.at(-1)?.id;
    if (lastId === this.#lastId && samples.length === this.#samples.length && samples.length > 0) {
      return;
    }
    [this.#samples, this.#order, this.#lastId] = [[...samples], order, lastId];
    this.#draw();
  }

  #draw() {
    const lines = this.#samples;
    if (lines.length === 0) {
      write(
        this.#summary,
        "Lines are followed from now on: send some. Their content is never shown.",
      );
      this.#chart.replaceChildren();
      this.#rows.replaceChildren();
      return;
    }
    const held = lines.filter((line) => line.held !== undefined).length;
    write(
      this.#summary,
      `${lines.length} lines, order ${this.#order}: ${held} of their replies had to wait for an ` +
        `earlier one; the slowest line took ${time(Math.max(...lines.map(whole)) / 1000)}.`,
    );
    this.#chart.replaceChildren(picture(lines, { byClock: this.#byClock }));
    if (this.#table.open) this.#rows.replaceChildren(...lines.map(tableRow));
  }
}

/** The number of a line's connection; with several processes, behind that of its process. */
const clientOf = ({ process, connection }) =>
  process === undefined ? `${connection}` : `${process}.${connection}`;

/** Milliseconds from a line's acceptance to its end, as far as it is known. */
const whole = (line) =>
  (line.written ?? line.ended ?? line.started ?? line.accepted) - line.accepted;

function picture(lines, { byClock }) {
  const width = Math.max(420, byId("timeline").clientWidth || 800);
  const starts = byClock ? clockStarts(lines) : new Map();
  const startOf = (line) => starts.get(line) ?? 0;
  const span = Math.max(...lines.map((line) => startOf(line) + whole(line)), 0.01);
  const scale = (millis) => LEFT + (width - LEFT - RIGHT) * millis / span;
  const height = TOP + lines.length * ROW + BOTTOM;
  const svg = drawn("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": "Timeline of the last lines; the table below has the same",
  });
  for (const tick of ticks(span)) {
    svg.append(
      drawn("path", { class: "grid", d: `M${scale(tick)} ${TOP}V${height - BOTTOM}` }),
      text(time(tick / 1000), { x: scale(tick), y: height - 8, anchor: "middle" }),
    );
  }
  lines.forEach((line, index) => {
    const y = TOP + index * ROW;
    svg.append(
      text(`client ${clientOf(line)} · ${line.length} B`, {
        x: LEFT - 8,
        y: y + 10,
        anchor: "end",
      }),
    );
    for (const [part, between] of PARTS) {
      const [from, to] = between(line).map((at) =>
        at === undefined ? undefined : at - line.accepted
      );
      if (from === undefined || to === undefined || to < from) continue;
      const x = scale(startOf(line) + from);
      const length = Math.max(1, scale(startOf(line) + to) - x);
      const hue = part === "running" ? ` worker-${(line.worker ?? 0) % 4}` : "";
      svg.append(
        drawn("rect", { class: part + hue, x, y: y + 1, width: length, height: ROW - 2, rx: 2 }),
      );
      if (part === "running" && length > 14) {
        svg.append(
          text(String(line.worker), { x: x + length / 2, y: y + 10, anchor: "middle", on: true }),
        );
      }
    }
    const mark = line.outcome === "answered" ? "" : ` ${line.outcome}`;
    svg.append(text(time(whole(line) / 1000) + mark, {
      x: scale(startOf(line) + whole(line)) + 5,
      y: y + 10,
    }));
  });
  return svg;
}

/** Milliseconds from the first line's start to that of each; pauses without a line are left out. */
function clockStarts(lines) {
  const starts = new Map();
  let pauses = 0, end = 0;
  const inTurn = lines.toSorted((one, other) => one.accepted - other.accepted);
  for (const line of inTurn) {
    const start = line.accepted - inTurn[0].accepted - pauses;
    const pause = Math.max(0, start - end);
    pauses += pause;
    starts.set(line, start - pause);
    end = Math.max(end, start - pause + whole(line));
  }
  return starts;
}

function ticks(span) {
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

function text(content, { x, y, anchor = "start", on = false }) {
  return drawn("text", { x, y, "text-anchor": anchor, ...on && { class: "on" } }, content);
}

function tableRow(line) {
  const between = (from, to) =>
    from === undefined || to === undefined ? "–" : time((to - from) / 1000);
  const cells = [
    line.id,
    clientOf(line),
    line.length,
    line.worker ?? "–",
    between(line.accepted, line.started),
    between(line.started, line.ended),
    between(line.held, line.written),
    time(whole(line) / 1000),
  ];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, String(cell))));
}
