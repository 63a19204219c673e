/** How this program starts itself again: the same Deno with the same flags, or the same binary. */

/** A program and its words. */
export interface CommandLine {
  program: string;
  words: string[];
}

/** This program's file, as it is called at the first start: later it may have been replaced. */
let program: string | undefined;

/**
 * This process's own command line, with other words for the program. Deno does not tell a program its flags
 * (`-A`, `--v8-flags=…`); Linux does.
 *
 * @param args The words for the program, in the place of `Deno.args`
 * @param read Reads the system's note of a command line. @default {that of this process}
 * @throws {Error} if this process may not read it
 */
export function selfStart(args: readonly string[], read: () => string = readOwn): CommandLine {
  const noted = read().split("\0").slice(0, -1); // each word ends with a NUL
  const own = noted.slice(1, noted.length - Deno.args.length);
  program ??= Deno.execPath();
  return { program, words: [...own, ...args] };
}

function readOwn(): string {
  try {
    return Deno.readTextFileSync("/proc/self/cmdline");
  } catch (error) {
    throw new Error(
      "cannot start processes: this program needs all permissions; start it with deno run -A",
      { cause: error },
    );
  }
}
