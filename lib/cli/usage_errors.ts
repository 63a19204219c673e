/**
 * What is said about a command line that cannot be understood: one sentence that quotes the word and says
 * what would be right.
 */

import { type Option, quote, wanted } from "../option_kinds.ts";

/** A mistake on the command line; its message is one sentence for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A command's options by their flag, without dashes; each with its name in the table. */
export type FlagMap = ReadonlyMap<string, Option & { name: string }>;

/** Says that an argument is no option, with a guess at what it was meant to be. */
export function unknownOption(arg: string, flags: FlagMap): UsageError {
  const word = arg.replace(/^-+/, "");
  const near = [...flags.keys()].find((flag) =>
    word.length > 1 && (flag.startsWith(word) || word.startsWith(flag))
  );
  const hint = near ? `did you mean "--${near}"?` : `"--help" lists all options`;
  return new UsageError(`There is no option ${quote(arg)}; ${hint}`);
}

/** Says that what follows an option is not its value: it begins with a dash. */
export function missingValue(
  flag: string,
  { value, flags }: { value: string; flags: FlagMap },
): UsageError {
  const isOption = value === "--" ||
    [...flags].some(([other, { short }]) => value === `--${other}` || value === `-${short}`);
  const option = flags.get(flag);
  const advice = isOption && option
    ? `it must be ${wanted(option)}`
    : `a value that begins with "-" is written ${quote(`--${flag}=${value}`)}`;
  return new UsageError(`--${flag} has no value; ${advice}`);
}

/** Says that a switch has been given a value. */
export function foreignValue(flag: string, value: string): UsageError {
  return new UsageError(`${flag} takes no value, but is followed by ${quote(value)}`);
}

/** What {@linkcode strayArgument} has to know. */
interface ArgumentContext {
  /** The argument before it. */
  before: string | undefined;
  flags: FlagMap;
  /** Which of the arguments that are no flags this is, from 0. */
  at: number;
  /** The form of the one such argument that the command takes, if it takes one. */
  form?: string;
}

/** Says that an argument that is no option has no place. */
export function strayArgument(
  text: string,
  { before = "", flags, at, form }: ArgumentContext,
): UsageError {
  if (flags.get(before.slice(2))?.kind === "list") {
    return new UsageError(`${before} takes its list after "=": ${quote(`${before}=${text}`)}`);
  }
  if (form !== undefined && at === 0) {
    return new UsageError(`The argument is ${quote(text)}; it must be ${form}`);
  }
  const want = form === undefined ? "only options are" : "only one argument is";
  return new UsageError(`The argument ${quote(text)} has no meaning here; ${want} allowed`);
}
