/**
 * Test tool: the standalone binary, built as `deno task compile` builds it.
 *
 * The environment may name another Deno, COMPILE_DENO, and a runtime for it, DENORT_BIN: where Deno's
 * own cannot be downloaded.
 */

import { ROOT } from "./program.ts";

/** Milliseconds that a build may take, with the download of a runtime. */
const BUILD_DEADLINE = 60_000;

/** The binary's path, or why there is none. */
export type Binary = { path: string } | { reason: string };

/**
 * Builds the binary in a folder of its own, which goes when the tests are over.
 *
 * @throws {Error} if it cannot be built although the environment names what to build it with
 */
export async function buildBinary(): Promise<Binary> {
  const folder = await Deno.makeTempDir({ prefix: "hsha-binary-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const path = `${folder}/hsha${Deno.build.os === "windows" ? ".exe" : ""}`;
  const compiler = Deno.env.get("COMPILE_DENO");
  const reason = await build(compiler ?? Deno.execPath(), path);
  if (reason === undefined) return { path };
  if (compiler === undefined && Deno.env.get("DENORT_BIN") === undefined) return { reason };
  throw new Error(`the standalone binary cannot be built: ${reason}`);
}

/** Builds the binary at `path`; the result says why that was not possible. */
async function build(compiler: string, path: string): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(compiler, {
      args: await compileArguments(path),
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
      signal: AbortSignal.timeout(BUILD_DEADLINE),
    }).output();
    if (success) return undefined;
    const [told] = new TextDecoder().decode(stderr).split("Stack backtrace:");
    return told.slice(Math.max(0, told.indexOf("error:"))).trim().replaceAll(/\s+/g, " ");
  } catch (error) {
    return String(error);
  }
}

/** The words of the task `compile`, with another output. */
async function compileArguments(output: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const task: string = tasks.compile;
  const words = task.split(/\s+/);
  if (words.shift() !== "deno" || words[0] !== "compile") {
    throw new Error(`The task "compile" is ${JSON.stringify(task)}; it must be one deno compile`);
  }
  const flag = words.findIndex((word) => word === "--output" || word === "-o");
  if (flag >= 0) words.splice(flag, 2);
  return ["compile", "--output", output, ...words.slice(1)];
}
