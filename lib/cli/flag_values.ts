/**
 * Turns what was written for each option, as arguments or in `HSHA_…` variables, into its value. Each must be
 * valid, given once, and compatible with the others.
 */

import {
  fault,
  type Given,
  type Option,
  type OptionTable,
  quote,
  wanted,
} from "../option_kinds.ts";
import { UsageError } from "./usage_errors.ts";
import { isForeign, readVariable, variableOf } from "./variables.ts";

/** How options relate to each other, and where their variables are read. */
export interface Rules<T extends OptionTable> {
  /** The options. */
  table: T;
  /** Pairs of options of which only one may be given. */
  excludes?: readonly (readonly [keyof T & string, keyof T & string])[];
  /** Pairs of options of which the first means nothing without the second. */
  needs?: readonly (readonly [keyof T & string, keyof T & string])[];
  /** Looks up an environment variable. @default {readVariable} */
  env?: (name: string) => string | undefined;
}

/** A value as the user wrote it, and how the user named the option; `true`: there is no text. */
export interface Written {
  text: string | true;
  as: string;
}

/** What was written, by the options' names. */
export type AllWritten = ReadonlyMap<string, readonly Written[]>;

/**
 * The values of what was written. A variable that contradicts an argument yields to it.
 *
 * @throws {UsageError} An option has a wrong value, no value, or two; it excludes or lacks another option.
 */
export function valuesOf<const T extends OptionTable>(
  byArguments: AllWritten,
  rules: Rules<T>,
): Given<T> {
  const { table, excludes = [], needs = [], env = readVariable } = rules;
  const rivals = (name: string) =>
    excludes.filter((pair) => pair.includes(name)).flat().filter((other) => other !== name);
  const written = new Map(byArguments);
  for (const name of Object.keys(table)) {
    if ([name, ...rivals(name)].some((each) => byArguments.has(each))) continue;
    const as = variableOf(kebab(name));
    const text = env(as);
    if (text !== undefined && !isForeign(as, text)) written.set(name, [{ text, as }]);
  }
  const given: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const [first, ...others] = written.get(name) ?? [];
    if (first === undefined) continue;
    // Each must be valid by itself first: a missing value is a greater mistake than a second one.
    const [value] = [first, ...others].map((each) => valueOf(option, each));
    const other = others.find(({ text }) => text !== first.text);
    if (other && option.kind === "flag") {
      throw new UsageError(`${first.as} and ${other.as} exclude each other`);
    }
    if (other) {
      throw new UsageError(`${other.as} is given twice, ${show(first)} and ${show(other)}`);
    }
    const [rival] = rivals(name).flatMap((it) => written.get(it) ?? []);
    if (rival) throw new UsageError(`${naming(first)} and ${naming(rival)} exclude each other`);
    given[name] = value;
  }
  for (const [name, needed] of needs) {
    const [lonely] = written.get(name) ?? [];
    if (lonely === undefined || written.has(needed)) continue;
    throw new UsageError(`${lonely.as} is ${show(lonely)}; it needs --${kebab(needed)} as well`);
  }
  // Sound: each value passed the check of its option's kind.
  return given as Given<T>;
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
    case "mode":
      return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
    case "flag":
      return readBoolean(text);
    case "list":
      return readBoolean(text) ?? text.split(",");
    default:
      return text;
  }
}

/** Reads `true` and `false`, and nothing else. */
export function readBoolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function show({ text }: Written): string {
  return text === true ? "without a list" : quote(text);
}

function naming({ text, as }: Written): string {
  return text === true ? as : `${as} ${quote(text)}`;
}

/** `maxLine` as `max-line`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
