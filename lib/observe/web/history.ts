/**
 * The last five minutes, a point for each second, so that a page that has just come can draw them at once.
 */

import { difference, Histogram } from "../histogram.ts";
import type { HistogramData, Snapshot } from "../snapshot.ts";

/** Most points kept; one more pushes the oldest out. */
const POINTS = 300;

/** Milliseconds from one point to the next. */
const STEP = 1000;

/**
 * One second of the server. Lines are counted per second; times are in seconds, and `null` without a line.
 */
export interface Point {
  /** Its end, in milliseconds since 1970. */
  at: number;
  accepted: number;
  answered: number;
  failed: number;
  gone: number;
  /** A line's whole time: the median and the 99th percentile. */
  lineP50: number | null;
  lineP99: number | null;
  /** The 99th percentiles of its wait for a worker and of the handler's own time. */
  waitP99: number | null;
  jobP99: number | null;
  /** Lines in the queue and replies held, at the end of the second. */
  queue: number;
  held: number;
  /** How many processors were busy for the server. */
  cpu: number;
  /** Bytes a second. */
  received: number;
  sent: number;
}

/** Makes points of snapshots, and keeps the latest. */
export class History {
  readonly #points: Point[] = [];
  /** The snapshot that the next point begins with. */
  #before: Snapshot | undefined;

  /** The points, oldest first. */
  get points(): readonly Point[] {
    return this.#points;
  }

  /** Takes a snapshot. @returns a point, if a second is over with it */
  take(snapshot: Snapshot): Point | undefined {
    const before = this.#before ??= snapshot;
    const millis = snapshot.at - before.at;
    if (millis >= 0 && millis < STEP) return undefined;
    this.#before = snapshot;
    if (millis < 0) return undefined; // the clock was set back
    const point = pointBetween(before, snapshot);
    if (this.#points.push(point) > POINTS) this.#points.shift();
    return point;
  }
}

function pointBetween(before: Snapshot, now: Snapshot): Point {
  const seconds = (now.at - before.at) / 1000;
  const rate = (value: (of: Snapshot) => number) =>
    brief(Math.max(0, value(now) - value(before)) / seconds);
  const line = quantiles(before.times.line, now.times.line);
  return {
    at: now.at,
    accepted: rate((of) => of.lines.accepted),
    answered: rate((of) => of.lines.answered),
    failed: rate((of) => of.lines.failed),
    gone: rate((of) => of.lines.gone),
    lineP50: line(0.5),
    lineP99: line(0.99),
    waitP99: quantiles(before.times.wait, now.times.wait)(0.99),
    jobP99: quantiles(before.times.job, now.times.job)(0.99),
    queue: now.queue.lines,
    held: now.held.replies,
    cpu: rate((of) => of.process.cpuSeconds),
    received: rate((of) => of.bytes.received),
    sent: rate((of) => of.bytes.sent),
  };
}

/** Quantiles, in seconds, of what was counted between two snapshots. */
function quantiles(before: HistogramData, now: HistogramData): (part: number) => number | null {
  const histogram = new Histogram();
  histogram.addData(difference(now, before));
  return (part) => histogram.count === 0 ? null : brief(histogram.quantile(part) / 1e6);
}

/** Four digits are enough for a curve, and a greeting has thousands of numbers. */
function brief(value: number): number {
  return Number(value.toPrecision(4));
}
