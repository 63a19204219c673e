/** What the program writes: colours or none, and one sentence where standard output takes nothing. */

import { assertEquals } from "@std/assert";
import { ROOT, runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** A device that is always full; only Linux has it. */
const FULL = "/dev/full";
const ON_LINUX = { ignore: Deno.build.os !== "linux" };

/** Runs the program by way of a shell, which redirects it. */
function run(words: string, redirect: string, stdin?: string) {
  const script = `"${Deno.execPath()}" run -A "${ROOT}main.ts" ${words} ${redirect}`;
  return runProgram(["-c", script], { command: ["sh"], stdin });
}

const FAILED = {
  code: 1,
  stdout: "",
  stderr: "hsha: cannot write standard output: No space left on device\n",
};

for (const words of ["--help", "--version", "connect --help"]) {
  Deno.test(`hsha ${words} says in one line that standard output is full`, ON_LINUX, async () => {
    assertEquals(await run(words, `>${FULL}`), FAILED);
  });
}

for (const command of ["connect", "connect --time", "bench -d 0.1 --warmup 0"]) {
  Deno.test(`${command} says in one line that standard output is full`, ON_LINUX, async () => {
    await using server = await startServer({ workers: 1 });
    const { port } = server.addr as Deno.NetAddr;
    assertEquals(await run(`${command} ${port}`, `>${FULL}`, "a\n"), FAILED);
  });
}

Deno.test("coloursFor a terminal leaves colours out where NO_COLOR says so", async () => {
  const output = JSON.stringify(new URL("../lib/cli/output.ts", import.meta.url).href);
  const script = `import { coloursFor } from ${output};
    console.log(coloursFor({ isTerminal: () => true }).red("text"));`;
  for (const [NO_COLOR, stdout] of [["1", "text\n"], ["", "\x1b[31mtext\x1b[39m\n"]]) {
    const command = [Deno.execPath(), "eval", script];
    const outcome = await runProgram([], { command, env: { NO_COLOR } });
    assertEquals(outcome, { code: 0, stdout, stderr: "" });
  }
});

Deno.test("hsha keeps its exit code when standard error is full", ON_LINUX, async () => {
  assertEquals(await run("--nonsense", `2>${FULL}`), { code: 2, stdout: "", stderr: "" });
});
