/** Cost estimate: what a job of one flow costs, by what its jobs have cost lately. */

/** What an estimate is compared with, and adds to: the queue's own. */
export interface CommonCost {
  /** Cost of the first jobs of other flows lately, in microseconds: what is expected of a new one. */
  readonly firstCost: number;
  /** Learns from a flow's new estimate, in microseconds; `first`: it had none before. */
  learn(cost: number, first: boolean): void;
}

/**
 * What a job counts for at the most, in microseconds: after one of half a minute its client's next lines
 * would wait until each of the others had had as much.
 */
const MAX_CHARGE = 1e6;

/** A job is expected to cost no more, in microseconds: by as much dear jobs are put behind cheap ones. */
const MAX_EXPECTED = 1e5;

/** For so many microseconds, the system may give a worker's core to others: a common time slice. */
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
   * What the next job costs if all goes well, in microseconds. It decides the order only: what was too
   * little is charged afterwards. A client with quick jobs is not put behind slow ones because its worker
   * had no core once.
   */
  get expected(): number {
    return Math.min(this.#quickest ?? this.#common.firstCost, MAX_EXPECTED);
  }

  /** So many jobs took so many microseconds. @returns what they are charged for that */
  took(jobs: number, micros: number): number {
    const seen = micros / jobs;
    // A run during which the system gave the worker's core to others seems dear, the next one does not.
    this.#quickest = Math.min(seen, this.#seen);
    const cost = micros < TIME_SLICE ? this.#quickest : seen;
    this.#seen = seen;
    const first = this.#cost === undefined;
    const old = this.#cost ?? cost;
    // Up fast, down slowly: a batch sized by too low a cost keeps others waiting.
    this.#cost = old + (cost - old) * (cost > old ? 0.5 : 0.2);
    this.#common.learn(Math.min(this.#cost, MAX_CHARGE), first);
    return Math.min(micros, MAX_CHARGE);
  }

  /** A job has been running for so many microseconds and has not ended: the estimate was too low. */
  stalled(micros: number): void {
    this.#cost = Math.max(this.cost, micros);
  }
}
