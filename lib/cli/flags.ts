/**
 * Turns the command line's words into checked values: `parseArgs` of `node:util` takes them apart by an
 * option table, and `HSHA_…` variables stand in for absent options.
 */

import { parseArgs } from "node:util";
import { type Given, type Option, type OptionTable, quote } from "../option_kinds.ts";
import { kebab, readBoolean, type Rules, valuesOf, type Written } from "./flag_values.ts";
import {
  type FlagMap,
  foreignValue,
  missingValue,
  strayArgument,
  unknownOption,
} from "./usage_errors.ts";

/** What {@linkcode parseFlags} has to know of a command. */
export interface Syntax<T extends OptionTable> extends Rules<T> {
  /** The one argument that is no flag. Absent: the command takes no such argument. */
  operand?: Operand<keyof T & string>;
  /** Whether the words after `--` are passed on. @default {false} */
  passesOn?: boolean;
}

/** An argument that is no flag, and stands for options. */
export interface Operand<Name extends string> {
  /** Its form, for messages. */
  form: string;
  /** What it means, as texts of options; `undefined` if it has another form. */
  read(text: string): Partial<Record<Name, string>> | undefined;
}

/** What a command line says. */
export interface Flags<T extends OptionTable> {
  /** The values, of the options that were given. */
  given: Given<T>;
  /** The words after `--`, if the command passes them on. */
  passedOn?: string[];
  /** `--help` or `--version` is among the arguments; nothing was checked then. */
  wants?: "help" | "version";
}

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
  const { table, operand, passesOn } = syntax;
  const flags: FlagMap = new Map(
    Object.entries(table).map(([name, option]) => [kebab(name), { name, ...option }]),
  );
  const tokens = tokensOf(args, flags);
  const wants = asked(tokens);
  if (wants) return { given: {}, wants };

  const written = new Map<string, Written[]>();
  const add = (name: string, it: Written) => written.set(name, [...written.get(name) ?? [], it]);
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = flags.get(token.name);
    const positive = flags.get(token.name.replace(/^no-/, ""));
    if (flag === undefined && positive?.kind === "flag" && positive.negatable && !token.value) {
      add(positive.name, { text: "false", as: `--${token.name}` });
      continue;
    }
    if (flag === undefined) throw unknownOption(token.rawName, flags);
    add(flag.name, { text: textOf(token, { args, flags, flag }), as: `--${token.name}` });
  }
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? args.length;
  const operands = tokens.filter((token) => token.kind === "positional")
    .filter(({ index }) => !passesOn || index < end);
  for (const [at, { value, index }] of operands.entries()) {
    const parts = at === 0 ? operand?.read(value) : undefined;
    const before = args[index - 1];
    if (flags.get(before?.slice(2))?.kind === "flag" && readBoolean(value) !== undefined) {
      throw foreignValue(before, value);
    }
    if (parts === undefined) {
      throw strayArgument(value, { before, flags, at, form: operand?.form });
    }
    for (const [name, part] of Object.entries(parts)) {
      const as = part === value ? `The ${name}` : `The ${name} in ${quote(value)}`;
      add(name, { text: String(part), as });
    }
  }
  const given = valuesOf(written, syntax);
  return passesOn ? { given, passedOn: args.slice(end + 1) } : { given };
}

/** What every command takes. */
const COMMON = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** The arguments, taken apart. */
function tokensOf(args: string[], flags: FlagMap) {
  const own = [...flags].map(([flag, { kind, short }]) => {
    const type = kind === "flag" || kind === "list" ? "boolean" : "string";
    return [flag, short === undefined ? { type } : { type, short }] as const;
  });
  const options = { ...COMMON, ...Object.fromEntries(own) };
  // Not strict: it would stop at the first mistake, in words of its own.
  return parseArgs({ args, options, strict: false, tokens: true }).tokens;
}

type Token = ReturnType<typeof tokensOf>[number];

/** Which of `--help` and `--version` is among the arguments. */
function asked(tokens: Token[]): "help" | "version" | undefined {
  for (const [wants, { short }] of [["help", COMMON.help], ["version", COMMON.version]] as const) {
    // After an option that lacks its value, it was taken for that value.
    const bare: unknown[] = [`--${wants}`, `-${short}`];
    const isHere = (token: Token) =>
      token.kind === "option" &&
      (token.name === wants || token.inlineValue === false && bare.includes(token.value));
    if (tokens.some(isHere)) return wants;
  }
}

/** The text of an option's value; `true` if it needs none. */
function textOf(
  { name, rawName, value, inlineValue, index }: Extract<Token, { kind: "option" }>,
  { args, flags, flag: { kind } }: { args: string[]; flags: FlagMap; flag: Option },
): string | true {
  const isBare = kind === "flag" || kind === "list";
  if (value === undefined) return isBare ? true : "";
  if (kind === "flag") throw foreignValue(`--${name}`, value);
  if (inlineValue === false && /^-./.test(value)) throw missingValue(name, { value, flags });
  if (!inlineValue || rawName.startsWith("--")) return value;
  // Only a number may follow a letter at once: "-w2", or "-w=2".
  if (!/^[=\d]/.test(value)) throw unknownOption(args[index], flags);
  return value.replace(/^=/, "");
}
