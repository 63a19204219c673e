/**
 * `hsha completions SHELL`: prints a script that completes hsha's commands, options and values in bash,
 * zsh or fish, made from the option tables.
 */

import { builtInHandlers } from "../handlers/mod.ts";
import type { Option } from "../option_kinds.ts";
import { type Command, defineCommand } from "./command.ts";
import { bashScript, type Completed, fishScript, zshScript } from "./completion_scripts.ts";
import { kebab } from "./flag_values.ts";
import { print } from "./output.ts";
import { UsageError } from "./usage_errors.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The shells that have a script. */
const SHELLS = ["bash", "zsh", "fish"] as const;

/** What every command takes. */
const COMMON: Completed["options"] = [
  { flag: "help", short: "h", help: "print this and exit", value: "none" },
  { flag: "version", short: "V", help: "print the version and exit", value: "none" },
];

/** The command; `others` are those that it completes beside itself. */
export function completionsOf(others: readonly Command[]): Command {
  const own: Command = defineCommand({
    name: "completions",
    summary: "Prints a script that completes hsha's commands, options and their values.",
    usage: ["hsha completions bash|zsh|fish"],
    table: {
      shell: {
        kind: "choice",
        choices: SHELLS,
        metavar: "SHELL",
        help: "the shell: bash, zsh or fish",
        heading: "What it prints",
      },
    },
    operand: {
      form: "bash, zsh or fish",
      read: (text) => SHELLS.some((shell) => shell === text) ? { shell: text } : undefined,
    },
    examples: [
      ['eval "$(hsha completions bash)"', "in ~/.bashrc"],
      ["source <(hsha completions zsh)", "in ~/.zshrc, after compinit"],
      ["hsha completions fish >~/.config/fish/completions/hsha.fish", "once"],
    ],
    run({ shell }) {
      if (shell === undefined) {
        throw new UsageError("The shell is missing; it must be bash, zsh or fish");
      }
      print(SCRIPTS[shell]([...others, own].map(completed)));
      return Promise.resolve(0);
    },
  });
  return own;
}

/** What a script has to know of a command. */
function completed({ name, summary, table }: Command): Completed {
  const options = Object.entries(table).map(([option, row]) => ({
    flag: kebab(option),
    short: row.short,
    help: row.help,
    value: valueOf(option, row),
    words: option === "handler" ? builtInHandlers : row.kind === "choice" ? row.choices : [],
    metavar: row.metavar ?? "VALUE",
  }));
  return { name, summary, options: [...options, ...COMMON] };
}

/** What follows an option. */
function valueOf(name: string, { kind, metavar = "" }: Option): Completed["options"][0]["value"] {
  if (kind === "flag") return "none";
  if (kind === "list") return /PATH|PROGRAM/.test(metavar) ? "files after =" : "text after =";
  if (kind === "choice") return "words";
  return name === "handler" || /FILE|PATH/.test(metavar) ? "files" : "text";
}
