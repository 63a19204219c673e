/**
 * The program's front desk: picks the command, and turns what comes of it into an exit code.
 */

import { enumerate, quote } from "../option_kinds.ts";
import { bench } from "./bench.ts";
import { connect } from "./connect.ts";
import { Failure } from "./failure.ts";
import { complain } from "./output.ts";
import { serve } from "./serve.ts";
import { UsageError } from "./usage_errors.ts";

const COMMANDS = [serve, connect, bench];

/**
 * Runs the program.
 *
 * @param args The words of the command line.
 * @returns The exit code: 0 after success, 1 after a failure, 2 after a mistake in `args`. Failures
 * and mistakes are told in one line on standard error.
 */
export async function main(args: string[]): Promise<number> {
  try {
    const [word = "", ...rest] = args;
    const command = COMMANDS.find(({ name }) => name === word);
    if (command) return await command.run(rest);
    if (word === "" && args.length === 0 || word.startsWith("-")) return await serve.run(args);
    const names = enumerate(COMMANDS.map(({ name }) => name), "and");
    throw new UsageError(`There is no command ${quote(word)}; there are ${names}`);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof Failure)) throw error;
    await complain(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}
