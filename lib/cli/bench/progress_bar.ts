/**
 * A progress bar on standard error, for a person who waits.
 */

import { print } from "../output.ts";

const REDRAW_MS = 100;
const WIDTH = 30;

/** What a {@linkcode ProgressBar} shows. */
export interface Progress {
  /** Seconds until the bar is full. */
  seconds: number;
  /** What stands beside the bar; called at each redraw. */
  label(): string;
}

/** A bar that fills with time. It draws nothing where standard error is no terminal. */
export class ProgressBar {
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ seconds, label }: Progress) {
    if (!Deno.stderr.isTerminal()) return;
    const start = performance.now();
    this.#timer = setInterval(() => {
      const part = Math.min((performance.now() - start) / 1000 / seconds, 1);
      const bar = "█".repeat(Math.round(part * WIDTH)).padEnd(WIDTH, "░");
      print(
        `\r${bar} ${(part * seconds).toFixed(1)} of ${seconds} s  ${label()}\x1b[K`,
        Deno.stderr,
      );
    }, REDRAW_MS);
  }

  /** Takes the bar away. */
  close(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    print("\r\x1b[K", Deno.stderr);
  }
}
