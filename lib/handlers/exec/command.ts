/** The command of the program that `exec` runs: its file, words and environment, if the user allows it. */

import { spawnSync } from "node:child_process";
import type { HandlerPermissions } from "../../half_sync/permissions.ts";
import { reason } from "../../reason.ts";

/** What is needed to start a program. */
export interface Command {
  /** The program's name as it is shown. */
  name: string;
  /** The file that is run, and its words. */
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** Where programs are looked for if there is no variable PATH. */
const FOLDERS = "/usr/local/bin:/usr/bin:/bin";

/**
 * The command after `--`.
 *
 * @throws {Error} if no program is named, or the one that is may not be run or does not exist
 */
export function commandOf(
  words: readonly string[],
  permissions: HandlerPermissions,
): Command {
  const [program, ...args] = words;
  if (program === undefined || program === "") {
    throw new Error(
      "the handler exec needs a program after --, as in --handler exec -- python3 -u model.py",
    );
  }
  const { run } = permissions;
  const file = locate(program);
  const isGranted = run === true || Array.isArray(run) &&
      run.some((granted) => granted === program || file !== undefined && locate(granted) === file);
  if (!isGranted) {
    throw new Error(`the handler exec runs ${program} and needs --allow-run=${program}`);
  }
  if (file === undefined) {
    throw new Error(`the handler exec cannot run ${program}: ${hindrance(program)}`);
  }
  const name = program.split("/").at(-1)!;
  const env = granted(permissions.env);
  const leash = leashFile();
  if (leash === undefined) return { name, file, args, env };
  return { name, file: leash, args: [...LEASH, file, ...args], env };
}

/** The file of a program, as a shell would find it. */
function locate(program: string): string | undefined {
  if (program.includes("/")) return isProgram(program) ? program : undefined;
  const folders = variable("PATH") ?? FOLDERS;
  return folders.split(":").map((folder) => `${folder || "."}/${program}`).find(isProgram);
}

/** Why a program cannot be run. */
function hindrance(program: string): string {
  try {
    // A bare name is looked for in the folders of PATH, where several files may have it.
    if (!program.includes("/")) return "there is no such program";
    const { isDirectory } = Deno.statSync(program);
    return isDirectory ? "it is a folder" : `it is not executable; chmod +x ${program} helps`;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "there is no such program" : reason(error);
  }
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0o111) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** The variables that the program sees: those that the user grants. */
function granted(env: HandlerPermissions["env"]): Record<string, string> {
  if (env === true) return Deno.env.toObject();
  const values: Record<string, string> = {};
  for (const name of Array.isArray(env) ? env : []) {
    const value = variable(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function variable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined; // hsha itself may not read it
  }
}

/** Ties a program to its server: Linux kills it when the server is gone (prctl, PR_SET_PDEATHSIG). */
const LEASH = ["--pdeathsig", "KILL", "--"];

/** The file of `setpriv`, where there is one that can do that. */
function leashFile(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const file = locate("setpriv");
  const proof = locate("true");
  if (file === undefined || proof === undefined) return undefined;
  try {
    const { status } = spawnSync(file, [...LEASH, proof], { stdio: "ignore", env: {} });
    return status === 0 ? file : undefined;
  } catch {
    return undefined; // hsha itself may not run it
  }
}
