/**
 * Lines on their way, as dots: for each line accepted, or each ten or hundred, a dot leaves the clients, goes
 * to a worker that has run lines, and comes back as a reply.
 */

import { byId, color } from "./dom.js";
import { some } from "./format.js";
import { along, layout } from "./paths.js";
import { workerBoxes } from "./workers.js";

/** Most dots that leave in a second, and most under way. */
const MOST_A_SECOND = 50, MOST_DOTS = 400;

/** Milliseconds that a dot takes from one box to the next, and that it stays in a box. */
const HOP = 900, STAY = 160;

/** The ways of a dot, in turn. */
const HOPS = ["in", "queued", "given", "back", "out"];

/** Moves dots over a canvas. */
export class Flows {
  #canvas;
  #tellScale;
  #ways;
  #colors;
  #moving = false;
  #dots = [];
  #scale = 1;
  /** Dots still to leave, and how many of them in a millisecond. */
  #owed = 0;
  #pace = 0;
  /** The part of the dots that goes to each worker. */
  #shares = [];
  /** The part that fails, added up dot by dot; at 1, a dot is drawn as failed. */
  #failing = 0;
  #failed = 0;
  #held = false;
  #drawnAt = 0;

  constructor(canvas, tellScale) {
    this.#canvas = canvas;
    this.#tellScale = tellScale;
    new ResizeObserver(() => this.#measure()).observe(canvas.parentElement);
    requestAnimationFrame((at) => this.#draw(at));
  }

  /** Lets dots move, or not. */
  move(on) {
    this.#moving = on;
    this.#dots.length = 0;
    this.#owed = 0;
    this.#tell();
  }

  /** Takes the colors of the theme. */
  paint() {
    this.#colors = Object.fromEntries(
      ["way", "async", "queueing", "sync", "bad"].map((name) => [name, color(name)]),
    );
    this.#measure();
  }

  /** Takes what has happened between two snapshots. */
  show({ now, before }) {
    if (this.#ways?.given.length !== workerBoxes().length) this.#measure();
    if (before === undefined) return;
    const millis = Math.max(1, now.at - before.at);
    const lines = Math.max(0, now.lines.accepted - before.lines.accepted);
    const most = Math.max(1, lines * 1000 / millis / MOST_A_SECOND);
    const scale = roundUp(most);
    // Back to a finer scale only if the rate is well below: else the scale would change all the time.
    if (scale > this.#scale || most * 4 < this.#scale) {
      this.#scale = scale;
      this.#tell();
    }
    // Lines that came while nobody looked are not made up for.
    this.#owed = Math.min(this.#owed + lines / this.#scale, MOST_A_SECOND);
    this.#pace = this.#owed / millis;
    const run = now.workers.map(({ lines }, index) =>
      Math.max(0, lines - (before.workers[index]?.lines ?? 0))
    );
    const all = run.reduce((sum, each) => sum + each, 0);
    this.#shares = run.map((each) => all === 0 ? 0 : each / all);
    const failed = Math.max(0, now.lines.failed - before.lines.failed);
    this.#failing = lines === 0 ? 0 : Math.min(1, failed / lines);
    this.#held = now.held.replies > 0;
  }

  #tell() {
    this.#tellScale(
      this.#moving ? `each dot is ${some(this.#scale, "line")}` : "the dots are at rest",
    );
  }

  #measure() {
    const { clientWidth, clientHeight } = this.#canvas.parentElement;
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = clientWidth * ratio;
    this.#canvas.height = clientHeight * ratio;
    this.#ways = layout(this.#canvas, {
      clients: byId("clients"),
      intake: byId("intake"),
      order: byId("order"),
      queue: byId("queue"),
      workers: workerBoxes(),
    });
    this.#dots.length = 0;
  }

  #draw(at) {
    requestAnimationFrame((next) => this.#draw(next));
    const passed = Math.min(100, at - this.#drawnAt);
    this.#drawnAt = at;
    if (this.#ways === undefined || this.#colors === undefined) return;
    const pen = this.#canvas.getContext("2d");
    const ratio = devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#drawWays(pen);
    if (!this.#moving) return;
    this.#release(passed);
    this.#dots = this.#dots.filter((dot) => this.#step(dot, { pen, passed }));
  }

  #drawWays(pen) {
    pen.strokeStyle = this.#colors.way;
    pen.lineWidth = 1.5;
    for (
      const points of HOPS.flatMap((hop) =>
        hop === "given" || hop === "back" ? this.#ways[hop] : [this.#ways[hop]]
      )
    ) {
      pen.beginPath();
      for (const { x, y } of points) pen.lineTo(x, y);
      pen.stroke();
    }
  }

  #release(passed) {
    let free = Math.min(this.#owed, this.#pace * passed + (this.#owed % 1));
    while (this.#owed >= 1 && free >= 1 && this.#dots.length < MOST_DOTS) {
      free--;
      this.#owed--;
      this.#failed += this.#failing;
      const bad = this.#failed >= 1;
      if (bad) this.#failed--;
      this.#dots.push({ hop: 0, part: 0, stay: 0, worker: this.#pick(), bad, lane: Math.random() });
    }
  }

  /** The index of a random worker, each as likely as its share is large. */
  #pick() {
    let left = Math.random();
    const found = this.#shares.findIndex((share) => (left -= share) < 0);
    return Math.min(Math.max(0, found), this.#ways.given.length - 1);
  }

  /** Moves a dot and draws it. @returns whether it is still under way */
  #step(dot, { pen, passed }) {
    if (dot.stay > 0) {
      dot.stay -= passed;
      return true;
    }
    dot.part += passed / HOP;
    if (dot.part >= 1) {
      dot.hop++;
      dot.part = 0;
      const waits = dot.hop === 4 && this.#held ? 4 : 1;
      dot.stay = STAY * waits * (0.5 + dot.lane);
      return dot.hop < HOPS.length;
    }
    const name = HOPS[dot.hop];
    const way = this.#ways[name];
    const points = name === "given" || name === "back" ? way[dot.worker] : way;
    if (points === undefined) return false; // its worker is no longer drawn
    const { x, y } = along(points, dot.part);
    pen.fillStyle = dot.hop < 3
      ? dot.hop < 2 ? this.#colors.async : this.#colors.queueing
      : dot.bad
      ? this.#colors.bad
      : this.#colors.sync;
    pen.beginPath();
    pen.arc(x, y + (dot.lane - 0.5) * 5, 3, 0, 2 * Math.PI);
    pen.fill();
    return true;
  }
}

/** The least of 1, 2, 5, 10, 20 … that is not below the value. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value - 1e-9);
}
