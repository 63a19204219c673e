/**
 * What is said of a command line that cannot be understood: one sentence each, which quotes the
 * word in question and says what would be right.
 */

import { type Option, quote } from "../option_kinds.ts";

/** A mistake on the command line; its message is one sentence for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The option that a word is the bare flag of: `--port`, `-p`. */
export function flagOf(
  word: string,
  flags: ReadonlyMap<string, Option>,
): { flag: string; option: Option; takesValue: boolean } | undefined {
  for (const [flag, option] of flags) {
    if (word !== `--${flag}` && word !== `-${option.short}`) continue;
    return { flag, option, takesValue: option.kind !== "flag" && option.kind !== "list" };
  }
}

/**
 * Says that an argument is no option, with a guess at what it was meant to be.
 *
 * @param arg The argument.
 * @param context All arguments up to `--`, and the options by flag.
 */
export function unknownOption(
  arg: string,
  { options, flags }: { options: readonly string[]; flags: ReadonlyMap<string, Option> },
): UsageError {
  const name = arg.replace(/=.*/s, "");
  const before = flagOf(options[options.indexOf(arg) - 1] ?? "", flags);
  if (before?.takesValue) {
    const right = quote(`--${before.flag}=${arg}`);
    return new UsageError(
      `--${before.flag} has no value; one that begins with "-" is written ${right}`,
    );
  }
  const word = name.replace(/^-+/, "");
  const near = [...flags.keys()].find((flag) =>
    word.length > 1 && (flag.startsWith(word) || word.startsWith(flag))
  );
  const hint = near ? `did you mean "--${near}"?` : `"--help" lists what there is`;
  return new UsageError(`There is no option ${quote(name)}; ${hint}`);
}

/** What {@linkcode strayArgument} has to know. */
interface ArgumentContext {
  /** All arguments. */
  args: readonly string[];
  /** The flags that take a list. */
  lists: readonly string[];
  /** Which of the arguments that are no flags this is, from 0. */
  at: number;
  /** The form of the one such argument that the command takes, if it takes one. */
  form?: string;
}

/** Says that an argument which is no option has no place. */
export function strayArgument(
  text: string,
  { args, lists, at, form }: ArgumentContext,
): UsageError {
  const before = args[args.indexOf(text) - 1] ?? "";
  if (lists.includes(before.slice(2))) {
    return new UsageError(`${before} takes its list after "=": ${quote(`${before}=${text}`)}`);
  }
  if (form !== undefined && at === 0) {
    return new UsageError(`The argument is ${quote(text)}; it must be ${form}`);
  }
  const want = form === undefined ? "options only" : "one argument only";
  return new UsageError(`The argument ${quote(text)} has no meaning here; there may be ${want}`);
}

/** Refuses `--switch=value` and `--switch true`, which parseArgs would take for a value. */
export function refuseValues(switches: readonly string[], options: readonly string[]): void {
  for (const [at, option] of options.entries()) {
    const [name, value] = option.replace(/^--/, "").split("=");
    if (!switches.includes(name) || !option.startsWith("--")) continue;
    const next = options[at + 1];
    const stray = value ?? (/^(?:true|false)$/.test(next) ? next : undefined);
    if (stray !== undefined) {
      throw new UsageError(`--${name} takes no value, and is followed by ${quote(stray)}`);
    }
  }
}
