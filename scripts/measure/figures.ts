/**
 * How experiments write down what they found: figures under names with dots, each with its unit.
 */

import type { Findings, Point } from "../howto/measured.ts";
import type { Summary } from "./rounds.ts";

/** Figures and points of charts, as they are collected. */
export class Notes implements Required<Findings> {
  readonly figures: Findings["figures"] = {};
  readonly series: Record<string, Point[]> = {};

  /** Notes a figure with four digits, one more than a run can vouch for. */
  add(name: string, value: number, unit = ""): void {
    if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}: it was not measured`);
    this.figures[name] = { value: Number(value.toPrecision(4)), unit };
  }

  /** Notes a server's medians under one load, and its ratios to the first server. */
  addServer(name: string, summary: Summary): void {
    this.add(`${name}.rate`, summary.linesPerSecond, "lines/s");
    this.add(`${name}.p50`, summary.p50, "µs");
    this.add(`${name}.p99`, summary.p99, "µs");
    this.add(`${name}.client`, summary.client, "cores");
    this.add(`${name}.rateRatio`, summary.rateRatio, "×");
    if (Number.isNaN(summary.cpu)) return;
    this.add(`${name}.cpu`, summary.cpu, "µs");
    this.add(`${name}.main`, summary.main, "µs");
    this.add(`${name}.others`, summary.others, "µs");
    this.add(`${name}.cpuRatio`, summary.cpuRatio, "×");
  }

  /** Notes one more point of a series. */
  point(name: string, x: number, y: number): void {
    (this.series[name] ??= []).push([x, Number(y.toPrecision(4))]);
  }
}
