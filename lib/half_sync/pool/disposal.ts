/** Disposal, on the reactor's side: a worker is asked to dispose of what its handler has, and has a time for it. */

/** The end of one worker as planned. */
export class Disposal {
  #ended: Promise<void> | undefined;
  #end = () => {};

  /** Asks, once. Resolves when it is done, or `seconds` later. */
  begin(ask: () => void, seconds: number): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(), seconds * 1000);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
      ask();
    });
    return this.#ended;
  }

  /** It is done, or the worker is gone. */
  end(): void {
    this.#end();
  }
}
