/**
 * A histogram of times that finds the bucket of a value in a few instructions: log-linear, like HDR
 * histograms. Every doubling has the same number of buckets, so the relative error is the same for
 * microseconds and for minutes.
 */

import type { HistogramData } from "./snapshot.ts";

/** How fine a histogram is, and how far it reaches. */
export interface Resolution {
  /** Buckets of each doubling, a power of two; a quantile is off by half a bucket at the most. */
  readonly steps: number;
  /** The first bucket begins at 2 to this power, in microseconds. */
  readonly least: number;
  /** So many doublings follow; larger values count in the last bucket. */
  readonly doublings: number;
}

/**
 * For a server: 1 µs to 71 minutes, off by 3 % at the most, 4 KiB. If it is changed, the bounds in metrics.ts
 * must still begin buckets.
 */
export const SERVER_RESOLUTION: Resolution = { steps: 16, least: 0, doublings: 32 };

/** For a measurement: 1/16 µs to 19 hours, off by 0.4 % at the most, 40 KiB. */
export const FINE_RESOLUTION: Resolution = { steps: 128, least: -4, doublings: 40 };

/** A {@linkcode Histogram} as it is sent between threads. */
export interface HistogramState {
  counts: Float64Array;
  sum: number;
  min: number;
  max: number;
}

/** The exponent of 1 as a double stores it. */
const BIAS = 1023;
/** Bits of a double's upper half that belong to its mantissa. */
const MANTISSA_BITS = 20;

// One double, seen as two halves. All systems that Deno runs on store the lower half first.
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** Counts of times, in microseconds. */
export class Histogram {
  readonly #counts: Float64Array;
  /** Lowest bits of a double's upper half that are dropped: they are finer than a bucket. */
  readonly #shift: number;
  /** The first bucket's upper half, shifted. */
  readonly #origin: number;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** @param resolution How fine it is. @default {SERVER_RESOLUTION} */
  constructor({ steps, least, doublings }: Resolution = SERVER_RESOLUTION) {
    this.#counts = new Float64Array(doublings * steps);
    this.#shift = MANTISSA_BITS - Math.log2(steps);
    this.#origin = (BIAS + least) * steps;
  }

  /** How many values were counted. */
  get count(): number {
    return this.#count;
  }

  /** The least value; NaN where there is none. */
  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  /** The greatest value; NaN where there is none. */
  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /** The mean; NaN where there is no value. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  /**
   * Counts `times` values of `micros` microseconds. The upper half of a double is its exponent and the
   * beginning of its mantissa; together they are a logarithm in linear steps. So to count a value takes 7 ns,
   * and no logarithm.
   */
  record(micros: number, times = 1): void {
    const value = micros > 0 ? micros : 0; // a clock may be set back
    double[0] = value;
    const counts = this.#counts;
    const bucket = (halves[1] >>> this.#shift) - this.#origin;
    counts[bucket < 0 ? 0 : bucket < counts.length ? bucket : counts.length - 1] += times;
    this.#count += times;
    this.#sum += value * times;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /**
   * The value that this part of all values does not exceed; NaN without values.
   *
   * @param part From 0 to 1: 0.99 for the 99th percentile.
   */
  quantile(part: number): number {
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen < wanted) continue;
      const middle = (this.lowerBound(bucket) + this.lowerBound(bucket + 1)) / 2;
      return Math.min(Math.max(middle, this.#min), this.#max);
    }
    return this.max;
  }

  /** How many values are at least `from` and below `to`, as far as buckets tell. */
  between(from: number, to: number): number {
    let sum = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      const bound = this.lowerBound(bucket);
      if (count > 0 && bound >= from && bound < to) sum += count;
    }
    return sum;
  }

  /** Adds the values of another histogram of the same resolution. */
  add({ counts, sum, min, max }: HistogramState): void {
    for (const [bucket, count] of counts.entries()) {
      this.#counts[bucket] += count;
      this.#count += count;
    }
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  /** Adds another histogram of the same resolution, as a snapshot holds it. */
  addData({ buckets, counts, sum }: HistogramData): void {
    buckets.forEach((bucket, index) => {
      this.#counts[bucket] += counts[index];
      this.#count += counts[index];
      this.#min = Math.min(this.#min, this.lowerBound(bucket));
      this.#max = Math.max(this.#max, this.lowerBound(bucket + 1));
    });
    this.#sum += sum * 1e6;
  }

  /** The histogram as plain data with all its buckets. */
  toState(): HistogramState {
    return { counts: this.#counts, sum: this.#sum, min: this.#min, max: this.#max };
  }

  /** The histogram as a snapshot holds it: a copy of the buckets that count something. */
  toData(): HistogramData {
    const data: HistogramData = { buckets: [], counts: [], sum: this.#sum / 1e6 };
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      const count = this.#counts[bucket];
      if (count === 0) continue;
      data.buckets.push(bucket);
      data.counts.push(count);
    }
    return data;
  }

  /** The least value of a bucket, in microseconds. */
  lowerBound(bucket: number): number {
    halves[0] = 0;
    halves[1] = (bucket + this.#origin) << this.#shift;
    return double[0];
  }
}

/**
 * What was counted between two snapshots of one histogram; all of it without an earlier one. It is empty if
 * counts went back, as after a restart of the server.
 */
export function difference(now: HistogramData, before?: HistogramData): HistogramData {
  if (before === undefined) return now;
  const old = new Map(before.buckets.map((bucket, index) => [bucket, before.counts[index]]));
  const data: HistogramData = { buckets: [], counts: [], sum: Math.max(0, now.sum - before.sum) };
  now.buckets.forEach((bucket, index) => {
    const count = now.counts[index] - (old.get(bucket) ?? 0);
    if (count <= 0) return;
    data.buckets.push(bucket);
    data.counts.push(count);
  });
  return data;
}
