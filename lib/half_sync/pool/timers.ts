/** The timers of an owner that may end before they are due. */

/** Timers that are stopped together. */
export class Timers {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** Calls back in so many seconds. @returns what stops it */
  start(seconds: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      stop();
      run();
    }, seconds * 1000);
    const stop = () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
    this.#timers.add(timer);
    return stop;
  }

  /** Resolves in so many seconds; never, if it is closed before. */
  wait(seconds: number): Promise<void> {
    return new Promise((resolve) => void this.start(seconds, resolve));
  }

  /** Stops all. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
