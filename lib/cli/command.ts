/**
 * A command of the program: its options, its manual and its deed, and how its mistakes end.
 */

import config from "../../deno.json" with { type: "json" };
import { type Given, type OptionTable, quote } from "../option_kinds.ts";
import { reason } from "../reason.ts";
import { Failure } from "./failure.ts";
import { parseFlags, type Syntax } from "./flags.ts";
import { type Manual, renderHelp } from "./help.ts";
import { print } from "./output.ts";

/** A command as {@linkcode defineCommand} takes it. */
export interface CommandSpec<T extends OptionTable> extends Syntax<T>, Omit<Manual, "table"> {
  /** The word that calls it. */
  name: string;
  /** Does the work; resolves to the exit code. */
  run(given: Given<T>): Promise<number>;
}

/** A command, ready to run. */
export interface Command {
  readonly name: string;
  /** Runs with the words after the command's name; resolves to the exit code. */
  run(args: string[]): Promise<number>;
}

/** The version of this program; deno.json is its one home. */
export const VERSION: string = config.version;

/** Makes a command that knows `--help` and `--version`, and gets only options that were checked. */
export function defineCommand<const T extends OptionTable>(spec: CommandSpec<T>): Command {
  return {
    name: spec.name,
    async run(args) {
      const { given, wants } = parseFlags(args, spec);
      if (wants === "help") print(renderHelp(spec));
      if (wants === "version") print(`hsha ${VERSION}\n`);
      return wants ? 0 : await spec.run(given);
    },
  };
}

/**
 * Reads a file that an option names.
 *
 * @throws {Failure} It cannot be read.
 */
export function readText(flag: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Failure(`cannot read ${flag} ${quote(path)}: ${reason(error)}`);
  }
}
