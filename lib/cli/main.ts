/**
 * The program's front desk: picks the command, and turns what comes of it into an exit code.
 */

import { enumerate, quote } from "../option_kinds.ts";
import { Member } from "../cluster/member.ts";
import { PROCESS_WORD } from "../cluster/messages.ts";
import { bench } from "./bench.ts";
import type { Command } from "./command.ts";
import { completionsOf } from "./completions.ts";
import { connect } from "./connect.ts";
import { Failure } from "./failure.ts";
import { complain } from "./output.ts";
import { serve } from "./serve.ts";
import { work } from "./work.ts";
import { UsageError } from "./usage_errors.ts";

/** Every command but the one that completes them. */
const COMPLETED = [serve, work, connect, bench];

/** Every command of the program, the default one first. */
export const COMMANDS: readonly Command[] = [...COMPLETED, completionsOf(COMPLETED)];

/**
 * Runs the program.
 *
 * @param args The words of the command line.
 * @returns The exit code: 0 after success, 1 after a failure, 2 after a mistake in `args`. Failures
 * and mistakes are told in one line on standard error.
 */
export async function main(args: string[]): Promise<number> {
  const member = args[0] === PROCESS_WORD ? await Member.join(args.slice(1)) : undefined;
  if (member !== undefined) args = args.slice(1 + Member.WORDS);
  try {
    const allFlags = COMMANDS.flatMap(({ flags }) => flags);
    const [word = "", ...rest] = args;
    if (word === "help") return await (rest[0] ? find(rest[0]) : serve).run(["--help"], allFlags);
    const isOption = args.length === 0 || word.startsWith("-");
    return isOption ? await serve.run(args, allFlags) : await find(word).run(rest, allFlags);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof Failure)) throw error;
    const code = error instanceof UsageError ? 2 : 1;
    if (member === undefined) await complain(error.message);
    else member.fail(error.message, code);
    return code;
  } finally {
    await member?.flush();
  }
}

/** The command that a word calls. */
function find(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command) return command;
  const names = enumerate(COMMANDS.map(({ name }) => name), "and");
  throw new UsageError(`There is no command ${quote(word)}; the commands are ${names}`);
}
