/** Times a worker's boot, and ends it at its limit. */

import { secondsText } from "../../seconds_text.ts";

/** A worker that boots. */
export class BootTimer {
  readonly #since = performance.now();
  readonly #timer: ReturnType<typeof setTimeout>;

  /** @param late Called with the reason, if the worker is not ready within so many seconds */
  constructor(seconds: number, late: (reason: string) => void) {
    this.#timer = setTimeout(
      () => late(`it was not ready within ${secondsText(seconds)}`),
      seconds * 1000,
    );
  }

  /** The boot has ended, well or not. @returns how many seconds it took */
  end(): number {
    clearTimeout(this.#timer);
    return (performance.now() - this.#since) / 1000;
  }
}
