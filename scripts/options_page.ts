/**
 * `deno task options`: writes docs/options.md, every option of every command in one place, from the tables
 * that the command line and its help are made of.
 */

import { kebab } from "../lib/cli/flag_values.ts";
import type { Command } from "../lib/cli/command.ts";
import { COMMANDS } from "../lib/cli/main.ts";
import { variableOf } from "../lib/cli/variables.ts";
import type { Option, OptionTable } from "../lib/option_kinds.ts";
import { format } from "./format.ts";

const PAGE = new URL("../docs/options.md", import.meta.url);

/** Where the options under a heading are explained, by the heading's first words. */
const MORE: Record<string, string> = {
  "Where it listens": "[Unix sockets](guarantees.md#unix-sockets), [TLS](guarantees.md#tls)",
  "What it does": "[handlers](handlers.md), [order](guarantees.md#order), " +
    "[web pages](handlers.md#web-pages), [one-way senders](guarantees.md#one-way-senders), " +
    "[PROXY headers](guarantees.md#proxy-headers), [Telnet](guarantees.md#telnet), " +
    "[processes](scaling.md)",
  "Worker machines": "[scaling](scaling.md)",
  "Limits": "[bounds](guarantees.md#bounds), [workers](guarantees.md#workers), " +
    "[the stop](guarantees.md#stop)",
  "What the handler may do": "[handlers](handlers.md#what-it-may-do), " +
    "[the box](guarantees.md#the-box)",
  "Logging": "[operations](operations.md)",
  "Other": "[the start](guarantees.md#start)",
};

const INTRODUCTION = `
<!-- Made by scripts/options_page.ts; what is changed here by hand is lost. -->

# Options

Every option of \`hsha serve\`, the default command, then those of the other commands. \`--help\` after
a command lists the same.

- With \`deno run -A main.ts\`, flags of Deno come before \`main.ts\`, those of hsha after it:
  \`deno run -A main.ts --allow-read=data\` lets the handler read, and not Deno.
- Words after \`--\` are the handler's.
- A variable stands in for an option that is absent: \`${
  variableOf("max-line")
}\` for \`--max-line\`.
- In the library they have the same names in camelCase: \`serve({ maxLine: 1000 })\`. Grants are keys of
  \`permissions\`, certificate and key those of \`tls\`; log, access log and check are the command's own.
`.trimStart();

/** The page, in Markdown, before it is formatted. */
export function optionsPage(commands: readonly Command[] = COMMANDS): string {
  const [serve, ...others] = commands;
  const parts = [INTRODUCTION, ...options(serve.table, "##")];
  for (const { name, summary, table } of others) {
    const title = `hsha ${name}`;
    parts.push(`\n## ${title}\n`, `${summary.replaceAll("\n", " ")}\n`, ...options(table, "###"));
  }
  return parts.join("\n") + "\n";
}

/** The options of a table, under headings of their own. */
function options(table: OptionTable, level: string): string[] {
  return Object.entries(table).flatMap(([name, option]) => [
    ...option.heading === undefined ? [] : section(option.heading, level),
    row(name, option),
  ]);
}

function section(title: string, level: string): string[] {
  const more = Object.entries(MORE).find(([start]) => title.startsWith(start))?.[1];
  return [
    `\n${level} ${title}\n`,
    ...more === undefined || level !== "##" ? [] : [`More: ${more}.\n`],
    "| option | default | what it does |",
    "| --- | --- | --- |",
  ];
}

function row(name: string, option: Option): string {
  const { kind, short, metavar = "", help, defaultText, default: byDefault } = option;
  const value = kind === "flag" ? "" : kind === "list" ? `[=${metavar}]` : ` ${metavar}`;
  const flag = `${short ? `-${short}, ` : ""}--${kebab(name)}${value}`;
  const without = kind === "flag" ? "off" : kind === "list" ? "nothing" : "–";
  const cells = [`\`${flag}\``, defaultText ?? `${byDefault ?? without}`, help];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) {
  await Deno.writeTextFile(PAGE, optionsPage());
  await format([PAGE]);
}
