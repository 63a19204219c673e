/**
 * The signals that the commands listen to, on the systems that have them.
 */

const WINDOWS = Deno.build.os === "windows";

/** The signals that ask a program to end, with the numbers that shells know them by. */
const STOP_SIGNALS: readonly (readonly [Deno.Signal, number])[] = WINDOWS
  ? [["SIGINT", 2], ["SIGBREAK", 21]]
  : [["SIGINT", 2], ["SIGTERM", 15]];

/** The same, and the one that says that the terminal is gone. */
const END_SIGNALS: typeof STOP_SIGNALS = WINDOWS ? STOP_SIGNALS : [...STOP_SIGNALS, ["SIGHUP", 1]];

/** Whether a person started the program: SIGHUP says then that the terminal is gone. */
const AT_TERMINAL = Deno.stdin.isTerminal(); // read before `preventPrompts` takes it away

/**
 * Calls `stop` at the first signal that asks the program to end, with 128 plus the signal's number; at a
 * terminal SIGHUP is one of them. The second one ends it at once, with that number as its exit code.
 */
export function onStopSignal(stop: (exitCode: number) => void): void {
  let asked = false;
  for (const [signal, number] of AT_TERMINAL ? END_SIGNALS : STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      if (asked) Deno.exit(128 + number);
      asked = true;
      stop(128 + number);
    });
  }
}

/**
 * At a signal that ends a program, calls `tidy` and then exits. The exit code is 128 plus the signal's
 * number.
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
 * Listens to SIGHUP, where there is one; at a terminal it stops the program instead. A signal that nobody
 * listens to ends the program, so this is called before there is anything to reload.
 *
 * @returns has each SIGHUP call `reload` from then on, and at once if one has come: what is loaded by then may
 * be older than the signal
 */
export function onReloadSignal(): (reload: () => void) => void {
  let due = false;
  let heed = (): void => void (due = true);
  if (!WINDOWS && !AT_TERMINAL) Deno.addSignalListener("SIGHUP", () => heed());
  return (reload) => {
    heed = reload;
    if (due) reload();
  };
}

/** Calls `tell` at each SIGUSR2, where there is one. SIGUSR1 is Deno's own: it opens its debugger. */
export function onCountersSignal(tell: () => void): void {
  if (!WINDOWS) Deno.addSignalListener("SIGUSR2", tell);
}
