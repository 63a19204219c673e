/** Completion: what each shell offers, asked of the shells themselves where they are installed. */

import { assert, assertEquals } from "@std/assert";
import { kebab } from "../lib/cli/flag_values.ts";
import { SERVE_TABLE } from "../lib/cli/serve_table.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { runProgram } from "./helpers/program.ts";
import { needs } from "./helpers/tools.ts";

/** The script for a shell, as the program prints it. */
async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(["completions", shell]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

/** Runs a script of a shell in a folder; its output line by line. */
async function run(shell: string, text: string, cwd: string): Promise<string[]> {
  const flags = shell === "zsh" ? ["-f", "-c"] : ["-c"];
  const { code, stdout, stderr } = await runProgram([...flags, text], { command: [shell], cwd });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trimEnd().split("\n").filter((line) => line !== "");
}

/** What bash offers behind some words, the last of which is not whole. */
async function inBash(words: readonly string[], source: string): Promise<string[]> {
  using folder = new TemporaryFolder();
  Deno.writeTextFileSync(folder.file("my handler.ts"), "");
  Deno.writeTextFileSync(folder.file("hsha.bash"), source);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  // Outside of an interactive completion there is no compopt to tell.
  const ask = `compopt() { :; }; source ./hsha.bash; complete -p hsha >/dev/null || exit 3
    COMP_WORDS=(hsha ${quoted}); COMP_CWORD=${words.length}; _hsha
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return await run("bash", ask, folder.path);
}

Deno.test(
  "completions bash offers commands, options, their values and files",
  needs("bash"),
  async () => {
    const source = await script("bash");
    const cases: [words: string[], offered: string[]][] = [
      [["c"], ["connect", "completions"]],
      [["--ord"], ["--order"]],
      [["--order", ""], ["request", "completion", "serial", "pinned"]],
      [["--order", "=", "s"], ["serial"]],
      [["--order", "="], ["request", "completion", "serial", "pinned"]],
      [["serve", "--handler", "ex"], ["exec"]],
      [["serve", "--handler", "my"], ["my handler.ts"]],
      [["--allow-rea"], ["--allow-read="]],
      [["--allow-read", "=", "my"], ["my handler.ts"]],
      [["bench", "--exp"], ["--expect"]],
      [["bench", "--expect", "n"], ["none"]],
      [["connect", "--order"], []],
      [["--port", ""], []],
      [["completions", ""], ["bash", "zsh", "fish"]],
      [["--handler", "exec", "--", "p"], []],
    ];
    for (const [words, offered] of cases) {
      assertEquals(
        await inBash(words, source),
        offered,
        words.join(" "),
      );
    }
    const all = await inBash(["--"], source);
    const missing = Object.keys(SERVE_TABLE).map((name) => `--${kebab(name)}`)
      .filter((flag) => !all.includes(flag) && !all.includes(`${flag}=`));
    assertEquals(missing, []);
  },
);

Deno.test(
  "completions zsh registers itself, and each option is one that _arguments takes",
  needs("zsh"),
  async () => {
    using folder = new TemporaryFolder();
    Deno.writeTextFileSync(folder.file("_hsha"), await script("zsh"));
    // _arguments is played: it prints what it is given.
    const ask = `autoload -U compinit; compinit -D -u; source ./_hsha; print -r -- $_comps[hsha]
    _arguments() { print -rl -- "$@" }; _describe() { print -rl -- "\${(@P)2}" }
    words=(hsha ''); CURRENT=2; _hsha
    words=(hsha connect --t); CURRENT=3; _hsha`;
    const lines = await run("zsh", ask, folder.path);
    assertEquals(lines[0], "_hsha");
    assert(lines.some((line) => line.startsWith("connect:Sends standard input")), lines.join("\n"));
    assert(
      lines.includes(
        "--ca-cert=[speak TLS, and trust this certificate (PEM) beside the system's]:FILE:_files",
      ),
    );
    assert(lines.some((line) => line.startsWith("--time[show how long")));
    assert(!lines.some((line) => line.startsWith("--order")));
  },
);

Deno.test(
  "completions fish offers commands, options, their values and files",
  needs("fish"),
  async () => {
    using folder = new TemporaryFolder();
    Deno.writeTextFileSync(folder.file("my.ts"), "");
    Deno.writeTextFileSync(folder.file("hsha.fish"), await script("fish"));
    const offered = async (line: string) => {
      const lines = await run("fish", `source ./hsha.fish; complete -C '${line}'`, folder.path);
      return lines.map((each) => each.split("\t")[0]);
    };
    assertEquals((await offered("hsha c")).sort(), ["completions", "connect"]);
    assertEquals(await offered("hsha --ord"), ["--order"]);
    assertEquals((await offered("hsha --order ")).sort(), [
      "completion",
      "pinned",
      "request",
      "serial",
    ]);
    assert((await offered("hsha serve --handler ")).includes("my.ts"));
    assert((await offered("hsha serve --handler ")).includes("kv"));
    assertEquals(await offered("hsha bench --expect n"), ["none"]);
    assertEquals(await offered("hsha connect --order"), []);
  },
);

Deno.test("completions says in one line what shells there are", async () => {
  const missing = await runProgram(["completions"]);
  assertEquals([missing.code, missing.stderr], [
    2,
    "hsha: The shell is missing; it must be bash, zsh or fish\n",
  ]);
  const other = await runProgram(["completions", "ksh"]);
  assertEquals(
    [other.code, other.stderr],
    [2, 'hsha: The argument is "ksh"; it must be bash, zsh or fish\n'],
  );
});
