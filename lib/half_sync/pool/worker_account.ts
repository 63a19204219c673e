/** What is counted of the successive workers of one ID. */

/** One ID's account. */
export class WorkerAccount {
  /** Lines run. */
  lines = 0;
  /** How often a new worker took over. */
  replaced = 0;
  /** Seconds that the latest one took to load its handler. */
  bootSeconds: number | undefined;
  /** Microseconds in jobs that have ended. */
  #micros = 0;
  #shown = 0;

  /** So many lines have taken so many microseconds. */
  ran(lines: number, micros: number): void {
    this.lines += lines;
    this.#micros += micros;
  }

  /**
   * Seconds in jobs, and the `millis` milliseconds of what is under way. It never falls, although a batch may
   * look longer while it is watched than it was.
   */
  busySeconds(millis: number): number {
    this.#shown = Math.max(this.#shown, this.#micros / 1e6 + millis / 1e3);
    return this.#shown;
  }
}

/** The accounts of all IDs. */
export class WorkerAccounts {
  readonly #accounts = new Map<number, WorkerAccount>();

  /** The account of an ID. */
  of(id: number): WorkerAccount {
    let account = this.#accounts.get(id);
    if (account === undefined) this.#accounts.set(id, account = new WorkerAccount());
    return account;
  }
}
