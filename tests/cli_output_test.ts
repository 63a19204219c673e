/** What the program says when standard output takes nothing: one sentence, and exit code 1. */

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

Deno.test("hsha keeps its exit code when standard error is full", ON_LINUX, async () => {
  assertEquals(await run("--nonsense", `2>${FULL}`), { code: 2, stdout: "", stderr: "" });
});
