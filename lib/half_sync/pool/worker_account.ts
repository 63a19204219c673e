/** What is counted of the workers that have had one ID, one after the other. */

/** One ID's account. */
export class WorkerAccount {
  /** Lines run. */
  lines = 0;
  /** How often a new worker took over. */
  replaced = 0;
  /** Seconds that the last one took to load its handler. */
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
   * Seconds in jobs, with what is under way for `millis` milliseconds. It never falls, although a batch
   * seems longer while it is watched than it turns out to have been.
   */
  busySeconds(millis: number): number {
    this.#shown = Math.max(this.#shown, this.#micros / 1e6 + millis / 1e3);
    return this.#shown;
  }
}

/** The accounts of all IDs. */
export class WorkerAccounts {
  readonly #accounts = new Map<number, WorkerAccount>();

  /** That of an ID. */
  of(id: number): WorkerAccount {
    let account = this.#accounts.get(id);
    if (account === undefined) this.#accounts.set(id, account = new WorkerAccount());
    return account;
  }
}
