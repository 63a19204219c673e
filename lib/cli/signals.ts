/**
 * The signals that the commands listen to, on the systems that have them.
 */

import inspector from "node:inspector";

const WINDOWS = Deno.build.os === "windows";

/** The signals that ask a program to end, with the numbers that shells know them by. */
const STOP_SIGNALS: readonly (readonly [Deno.Signal, number])[] = WINDOWS
  ? [["SIGINT", 2], ["SIGBREAK", 21]]
  : [["SIGINT", 2], ["SIGTERM", 15]];

/** Those, and the one that says that the terminal is gone. */
const END_SIGNALS: typeof STOP_SIGNALS = WINDOWS ? STOP_SIGNALS : [...STOP_SIGNALS, ["SIGHUP", 1]];

/** Milliseconds after a SIGUSR1 at which the debugger may have been opened by it. */
const DEBUGGER_CHECKS_MS = [0, 100, 1000];

/**
 * Calls `stop` at the first signal that asks the program to end, with 128 plus the signal's number. The
 * second one ends it at once, with that number as its exit code.
 */
export function onStopSignal(stop: (exitCode: number) => void): void {
  let asked = false;
  for (const [signal, number] of STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      if (asked) Deno.exit(128 + number);
      asked = true;
      stop(128 + number);
    });
  }
}

/**
 * Calls `tidy` before one of the signals that end a program does so. The exit code is 128 plus the
 * signal's number.
 */
export function beforeEndSignal(tidy: () => void): void {
  for (const [signal, number] of END_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      tidy();
      Deno.exit(128 + number);
    });
  }
}

/**
 * Calls `tell` at each SIGUSR1, where there is one.
 *
 * Deno from 2.9.2 on also answers SIGUSR1 by opening its debugger to everybody on the machine
 * (denoland/deno#35738). A server that was not started to be debugged closes it again at once.
 */
export function onCountersSignal(tell: () => void): void {
  if (WINDOWS) return;
  const wanted = isDebuggerOpen();
  const closeDebugger = () => {
    if (!wanted && isDebuggerOpen()) inspector.close();
  };
  Deno.addSignalListener("SIGUSR1", () => {
    tell();
    for (const delay of DEBUGGER_CHECKS_MS) setTimeout(closeDebugger, delay);
  });
}

/** Whether Deno's debugger listens; `false` where the program may not know, without `-A`. */
function isDebuggerOpen(): boolean {
  try {
    return inspector.url() !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}
