/** Cost estimate: what a flow's next job should cost, judged by its latest jobs. */

/** The queue's estimate over all flows: a new flow starts with it, and each flow adds to it. */
export interface CommonCost {
  /** What the first jobs of other flows cost lately, in microseconds; a new flow starts with it. */
  readonly firstCost: number;
  /** Learns from a flow's new estimate, in microseconds; `first`: it had none before. */
  learn(cost: number, first: boolean): void;
}

/**
 * The most that a flow is charged for a job, in microseconds. Without it, a client with one job of 30 s would
 * wait until each of the others had used 30 s.
 */
const MAX_CHARGE = 1e6;

/**
 * The most that a job is expected to cost, in microseconds. The larger it is, the longer dear jobs wait
 * behind cheap ones.
 */
const MAX_EXPECTED = 1e5;

/**
 * How long the system may give a worker's core to others, in microseconds: a common time slice. If it is too
 * small, one such pause makes a quick client look slow.
 */
const TIME_SLICE = 4000;

/** The estimate of one flow. */
export class CostEstimate {
  readonly #common: CommonCost;
  #cost: number | undefined;
  /** What a job of the last run took, in microseconds. */
  #seen = Infinity;
  /** The lesser of what jobs of the last two runs took. */
  #quickest: number | undefined;

  constructor(common: CommonCost) {
    this.#common = common;
  }

  /** Cost of a job, in microseconds. */
  get cost(): number {
    return this.#cost ?? this.#common.firstCost;
  }

  /** What a job is charged when it is taken, in microseconds. */
  get price(): number {
    return Math.min(this.cost, MAX_CHARGE);
  }

  /**
   * What the next job costs if all goes well, in microseconds. It decides the order only; if it was too
   * little, the rest is charged afterwards. So a client with quick jobs is not put behind slow ones because
   * its worker had no core once.
   */
  get expected(): number {
    return Math.min(this.#quickest ?? this.#common.firstCost, MAX_EXPECTED);
  }

  /** `jobs` jobs took `micros` microseconds together. @returns what the flow is charged for them */
  took(jobs: number, micros: number): number {
    const first = this.#quickest === undefined; // though one may have stalled
    const seen = micros / jobs;
    // A run looks dear if the system took the core from its worker; the next one does not.
    this.#quickest = Math.min(seen, this.#seen);
    const cost = micros < TIME_SLICE ? this.#quickest : seen;
    this.#seen = seen;
    const old = this.#cost ?? cost;
    // Up fast, down slowly: a batch sized by too low a cost keeps others waiting.
    this.#cost = old + (cost - old) * (cost > old ? 0.5 : 0.2);
    this.#common.learn(Math.min(this.#cost, MAX_CHARGE), first);
    return Math.min(micros, MAX_CHARGE);
  }

  /** A job has run for `micros` microseconds and has not ended: the estimate was too low. */
  stalled(micros: number): void {
    this.#cost = Math.max(this.cost, micros);
  }
}
