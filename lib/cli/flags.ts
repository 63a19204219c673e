/**
 * From the command line's words to checked values: the flags of an option table, read by
 * `parseArgs` of `@std/cli`, and the `HSHA_…` variables that stand in for absent ones.
 */

import { parseArgs } from "@std/cli";
import {
  fault,
  type Given,
  type Option,
  type OptionTable,
  quote,
  wanted,
} from "../option_kinds.ts";
import { flagOf, refuseValues, strayArgument, unknownOption, UsageError } from "./usage_errors.ts";

/** What {@linkcode parseFlags} has to know of a command. */
export interface Syntax<T extends OptionTable> {
  /** The options. */
  table: T;
  /** Pairs of options of which only one may be given. */
  excludes?: readonly (readonly [keyof T & string, keyof T & string])[];
  /** The one argument that is no flag. Absent: the command takes no such argument. */
  operand?: Operand<keyof T & string>;
  /** Looks up an environment variable. @default {readVariable} */
  env?: (name: string) => string | undefined;
}

/** An argument that is no flag, and says what options say as well. */
export interface Operand<Name extends string> {
  /** Its form, for messages. */
  form: string;
  /** What it says, as texts of options; `undefined` where it is not of that form. */
  read(text: string): Partial<Record<Name, string>> | undefined;
}

/** What a command line says. */
export interface Flags<T extends OptionTable> {
  /** The values, of the options that were given. */
  given: Given<T>;
  /** `--help` or `--version` is among the arguments; nothing was checked then. */
  wants?: "help" | "version";
}

/** A value as the user wrote it, and how the user named the option. */
interface Written {
  text: string | true;
  as: string;
}

/** Stands for "no value follows" in the text of a list option: no argument can hold a NUL. */
const BARE = "\0";

/**
 * Reads a command's arguments and environment.
 *
 * `--help` and `--version` win over every mistake beside them. A variable that contradicts an
 * argument yields to it.
 *
 * @param args The words after the command's name.
 * @param syntax The command's options and operand.
 *
 * @throws {UsageError} An option is unknown, lacks its value, has a wrong one, or two.
 */
export function parseFlags<const T extends OptionTable>(
  args: string[],
  syntax: Syntax<T>,
): Flags<T> {
  const words = readWords(args, syntax);
  if (words.wants) return { given: {}, wants: words.wants };
  const rivals = (name: string) =>
    (syntax.excludes ?? []).filter((pair) => pair.includes(name)).flat()
      .filter((other) => other !== name);
  const written = new Map([...readVariables(syntax, words.written, rivals), ...words.written]);

  const given: Record<string, unknown> = {};
  for (const [name, all] of written) {
    const [first] = all;
    // Each must be sound by itself first: that of two values one is missing is the greater mistake.
    const [value] = all.map((each) => valueOf(syntax.table[name], each));
    const other = all.find(({ text }) => text !== first.text);
    if (other && syntax.table[name].kind === "flag") {
      throw new UsageError(`${first.as} and ${other.as} exclude each other`);
    }
    if (other) {
      throw new UsageError(`${other.as} is given twice, ${show(first)} and ${show(other)}`);
    }
    const rival = rivals(name).map((it) => written.get(it)?.[0]).find((it) => it !== undefined);
    if (rival) throw new UsageError(`${naming(first)} and ${naming(rival)} exclude each other`);
    given[name] = value;
  }
  // Sound: each value passed the check of its option's kind.
  return { given: given as Given<T> };
}

/** What the arguments say, by option, unchecked but for what is no option at all. */
function readWords<T extends OptionTable>(
  args: string[],
  { table, operand }: Syntax<T>,
): { written: Map<string, Written[]>; wants?: "help" | "version" } {
  const flags = new Map(Object.entries(table).map(([name, option]) => [kebab(name), option]));
  const ofKind = (kind: string) =>
    [...flags].filter(([, it]) => it.kind === kind).map(([it]) => it);
  const switches = ofKind("flag");
  const negations = new Map(
    [...flags].flatMap(([flag, option]) =>
      option.kind === "flag" && option.negatable ? [[`--no-${flag}`, `--${flag}=false`]] : []
    ),
  );
  const lists = ofKind("list");
  const letters = [...flags].filter(([, it]) => it.short !== undefined);

  const end = args.indexOf("--") < 0 ? args.length : args.indexOf("--");
  const options = args.slice(0, end);
  const unknown: string[] = [];
  const parsed = parseArgs(
    [
      ...options.flatMap((arg, at) => negations.get(arg) ?? explicit(arg, { options, at, flags })),
      ...args.slice(end),
    ],
    {
      boolean: ["help", "version", ...switches],
      // Numbers too: parseArgs would read "0x10", "1e3" and "007" in its own way.
      string: ["_", ...[...flags.keys()].filter((flag) => !switches.includes(flag))],
      collect: [...flags.keys()],
      alias: { help: "h", version: "V", ...Object.fromEntries(letters.map(toAlias)) },
      unknown: (arg, key) => key === undefined || unknown.push(arg) === 0,
    },
  );
  if (parsed.help !== false) return { written: new Map(), wants: "help" };
  if (parsed.version !== false) return { written: new Map(), wants: "version" };
  // parseArgs reads "--no-port=1" as "--port=1".
  const foreign = unknown[0] ??
    options.find((arg) => arg.startsWith("--no-") && !negations.has(arg));
  if (foreign !== undefined) throw unknownOption(foreign, { options, flags });
  refuseValues(switches, options);

  const written = new Map<string, Written[]>();
  for (const [flag, { kind }] of flags) {
    const texts = parsed[flag];
    if (!Array.isArray(texts) || texts.length === 0) continue;
    const as = `--${flag}`;
    const off = { text: "false", as: `--no-${flag}` };
    written.set(
      camel(flag),
      texts.map((text) => kind !== "flag" ? { text, as } : text ? { text: true, as } : off),
    );
  }
  for (const [at, text] of parsed._.map(String).entries()) {
    const parts = at === 0 ? operand?.read(text) : undefined;
    if (parts === undefined) throw strayArgument(text, { args, lists, at, form: operand?.form });
    for (const [name, part] of Object.entries(parts)) {
      const as = part === text ? `The ${name}` : `The ${name} in ${quote(text)}`;
      written.set(name, [...written.get(name) ?? [], { text: String(part), as }]);
    }
  }
  return { written };
}

/**
 * Writes out what parseArgs would not see: that a list has no value, though another word follows,
 * and that a value is the empty word.
 */
function explicit(
  arg: string,
  { options, at, flags }: { options: string[]; at: number; flags: ReadonlyMap<string, Option> },
): string[] {
  if (arg === "" && flagOf(options[at - 1] ?? "", flags)?.takesValue) return [];
  const flag = flagOf(arg, flags);
  if (flag?.option.kind === "list") return [`${arg}=${BARE}`];
  return flag?.takesValue && options[at + 1] === "" ? [`${arg}=`] : [arg];
}

/** The variables that stand in for options neither given nor excluded by one that is. */
function readVariables<T extends OptionTable>(
  { table, env = readVariable }: Syntax<T>,
  asked: ReadonlyMap<string, Written[]>,
  rivals: (name: string) => string[],
): Map<string, Written[]> {
  const written = new Map<string, Written[]>();
  for (const name of Object.keys(table)) {
    if (asked.has(name) || rivals(name).some((other) => asked.has(other))) continue;
    const as = `HSHA_${kebab(name).replaceAll("-", "_").toUpperCase()}`;
    const text = env(as);
    if (text !== undefined) written.set(name, [{ text, as }]);
  }
  return written;
}

/** The value that a text stands for. */
function valueOf(option: Option, { text, as }: Written): unknown {
  const value = text === true ? true : read(option, text);
  if (value !== undefined && fault(option, value) === undefined) return value;
  const is = text === "" ? "has no value" : `is ${quote(text)}`;
  throw new UsageError(`${as} ${is}; it must be ${wanted(option)}`);
}

function read(option: Option, text: string): unknown {
  switch (option.kind) {
    case "integer":
      return /^\d+$/.test(text) ? Number(text) : undefined;
    case "seconds":
      return /^(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : undefined;
    case "flag":
      return readBoolean(text);
    case "list":
      return text === BARE ? true : readBoolean(text) ?? text.split(",");
    default:
      return text;
  }
}

function readBoolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function show({ text }: Written): string {
  return text === BARE ? "without a list" : quote(text);
}

function naming(written: Written): string {
  return typeof written.text === "string" && written.text !== BARE
    ? `${written.as} ${quote(written.text)}`
    : written.as;
}

function toAlias([flag, { short }]: [string, Option]): [string, string] {
  return [flag, short ?? flag];
}

/** Reads a variable, where the program may: without the permission there are no stand-ins. */
function readVariable(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** `maxLine` as `max-line`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function camel(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
