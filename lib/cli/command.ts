/** A command of the program: its options, its manual, what it does, and how its mistakes are told. */

import { fileFault } from "../file_fault.ts";
import { enumerate, type Given, type OptionTable, quote } from "../option_kinds.ts";
import { reason } from "../reason.ts";
import { VERSION } from "../version.ts";
import { Failure } from "./failure.ts";
import { kebab } from "./flag_values.ts";
import { parseFlags, type Syntax } from "./flags.ts";
import { type Manual, renderHelp } from "./help.ts";
import { complain, print } from "./output.ts";
import { strayVariables } from "./variables.ts";

/** A command as {@linkcode defineCommand} takes it. */
export interface CommandSpec<T extends OptionTable> extends Syntax<T>, Omit<Manual, "table"> {
  /** The word that calls it. */
  name: string;
  /** Does the work, with the words after `--` that are passed on; resolves to the exit code. */
  run(given: Given<T>, passedOn: string[]): Promise<number>;
}

/** A command, ready to run. */
export interface Command {
  readonly name: string;
  /** What it is for. */
  readonly summary: string;
  readonly table: OptionTable;
  /** Its options, by flag. */
  readonly flags: readonly string[];
  /**
   * Runs with the words after the command's name; resolves to the exit code.
   *
   * @param args Those words.
   * @param allFlags The options of all commands: it warns of a variable that belongs to none of them.
   */
  run(args: string[], allFlags: readonly string[]): Promise<number>;
}

/** Makes a command that knows `--help` and `--version`, and is given checked options only. */
export function defineCommand<const T extends OptionTable>(spec: CommandSpec<T>): Command {
  return {
    name: spec.name,
    summary: spec.summary,
    table: spec.table,
    flags: Object.keys(spec.table).map(kebab),
    async run(args, allFlags) {
      const { given, wants, passedOn = [] } = parseFlags(args, spec);
      if (wants === "help") print(renderHelp(spec));
      if (wants === "version") print(`hsha ${VERSION}\n`);
      if (wants) return 0;
      const strays = strayVariables(allFlags);
      if (strays.length > 0) complain(`${enumerate(strays, "and")}: no option has such a variable`);
      return await spec.run(given, passedOn);
    },
  };
}

/** The most bytes of a file of certificates; the largest bundle of authorities has a fifth of them. */
const LARGEST_TEXT = 2 ** 20;

/**
 * Reads a text file that an option names: a regular one of at most 1 MiB. A pipe without a writer would
 * hold everything up, and a device may never end.
 *
 * @throws {Failure} It cannot be read.
 */
export function readText(flag: string, path: string): string {
  const refuse = (why: string) => new Failure(`cannot read ${flag} ${quote(path)}: ${why}`);
  try {
    const fault = fileFault(Deno.statSync(path), LARGEST_TEXT);
    if (fault === undefined) return Deno.readTextFileSync(path);
    throw refuse(fault);
  } catch (error) {
    throw error instanceof Failure ? error : refuse(reason(error));
  }
}
