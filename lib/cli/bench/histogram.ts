/**
 * A latency histogram whose bucket a value finds in a few instructions: log-linear, as HDR
 * histograms are, with a relative error below 0.4 %.
 */

/** Buckets per power of two: the first 7 bits of a number's mantissa. */
const STEPS = 128;
/** Bits of the upper half of a double behind its exponent and those 7 bits. */
const DROPPED_BITS = 20 - Math.log2(STEPS);
/** The bucket of 2⁻⁴ µs, the least that is told apart. */
const ORIGIN = bucketOf(2 ** -4, 0);
/** Up to 2³⁶ µs, which is 19 hours. */
const BUCKETS = 40 * STEPS;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/**
 * The upper half of a double is its exponent and the beginning of its mantissa, which together are
 * the logarithm in steps that are linear between powers of two: 1.6 ns to count a value, and no
 * logarithm to take.
 */
function bucketOf(value: number, origin: number): number {
  const double = new Float64Array([value]);
  return (new Uint32Array(double.buffer)[1] >>> DROPPED_BITS) - origin;
}

/** What a {@linkcode Histogram} can be sent between threads as. */
export interface HistogramState {
  counts: Float64Array;
  sum: number;
  min: number;
  max: number;
}

/** Counts of latencies, in microseconds. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

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

  /** Counts `times` values of `micros` microseconds. */
  record(micros: number, times = 1): void {
    double[0] = micros;
    const bucket = (halves[1] >>> DROPPED_BITS) - ORIGIN;
    this.#counts[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1] += times;
    this.#count += times;
    this.#sum += micros * times;
    if (micros < this.#min) this.#min = micros;
    if (micros > this.#max) this.#max = micros;
  }

  /**
   * The value that a part of all values does not exceed; NaN where there is none.
   *
   * @param part From 0 to 1: 0.99 for the 99th percentile.
   */
  quantile(part: number): number {
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return this.#clamp((lowerBound(bucket) + lowerBound(bucket + 1)) / 2);
    }
    return this.max;
  }

  /** How many values are at least `from` and below `to`, by the buckets that begin there. */
  between(from: number, to: number): number {
    let sum = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      const bound = lowerBound(bucket);
      if (count > 0 && bound >= from && bound < to) sum += count;
    }
    return sum;
  }

  /** Adds the values of another histogram. */
  add({ counts, sum, min, max }: HistogramState): void {
    for (const [bucket, count] of counts.entries()) {
      this.#counts[bucket] += count;
      this.#count += count;
    }
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  /** The histogram as plain data. */
  toState(): HistogramState {
    return { counts: this.#counts, sum: this.#sum, min: this.#min, max: this.#max };
  }

  #clamp(value: number): number {
    return Math.min(Math.max(value, this.#min), this.#max);
  }
}

/** The least value of a bucket, in microseconds. */
export function lowerBound(bucket: number): number {
  const halves = new Uint32Array([0, (bucket + ORIGIN) << DROPPED_BITS]);
  return new Float64Array(halves.buffer)[0];
}
