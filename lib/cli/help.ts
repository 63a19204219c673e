/**
 * The text of `--help`: usage, a table of options made from the option table, notes and examples,
 * in 80 columns.
 */

import type { Option, OptionTable } from "../option_kinds.ts";
import { kebab } from "./flag_values.ts";

/** What {@linkcode renderHelp} shows of a command. */
export interface Manual {
  /** What the command is for, as a sentence. */
  summary: string;
  /** The forms of the command line. */
  usage: readonly string[];
  table: OptionTable;
  /** Paragraphs after the options. */
  notes?: readonly string[];
  /** Command lines, each with what it does. */
  examples: readonly (readonly [command: string, meaning: string])[];
}

/** Columns in a line. */
const WIDTH = 80;
/** The column that explanations begin in. */
const MARGIN = 31;

const COMMON = { help: "print this and exit", version: "print the version and exit" };

/** Renders a command's manual, with a line end at its end. */
export function renderHelp({ summary, usage, table, notes = [], examples }: Manual): string {
  const lines = [summary, "", "Usage:", ...usage.map((form) => `  ${form}`)];
  for (const [name, option] of Object.entries(table)) {
    if (option.heading) lines.push("", `${option.heading}:`);
    lines.push(...row(flag(name, option), explanation(option)));
  }
  lines.push("", ...row("  -h, --help", COMMON.help), ...row("  -V, --version", COMMON.version));
  for (const note of notes) lines.push("", ...wrap(note, WIDTH));
  lines.push("", "Examples:");
  for (const [command, meaning] of examples) lines.push(`  ${command}`, `      ${meaning}`);
  return `${lines.join("\n")}\n`;
}

function flag(name: string, { kind, short, metavar = "" }: Option): string {
  const value = kind === "flag" ? "" : kind === "list" ? `[=${metavar}]` : ` ${metavar}`;
  return `  ${short ? `-${short},` : "   "} --${kebab(name)}${value}`;
}

function explanation(option: Option): string {
  const byDefault = option.defaultText ?? option.default;
  return byDefault === undefined ? option.help : `${option.help} [default: ${byDefault}]`;
}

/** A flag and its explanation beside it, or below it where the flag is long. */
function row(left: string, right: string): string[] {
  const [first, ...rest] = wrap(right, WIDTH - MARGIN).map((line) => " ".repeat(MARGIN) + line);
  return left.length < MARGIN - 1
    ? [left + first.slice(left.length), ...rest]
    : [left, first, ...rest];
}

/** Breaks a text into lines of at most `width` characters, between words. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  // A default stays in one piece.
  for (const word of text.match(/\[default: [^\]]*\]|\S+/g) ?? []) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
