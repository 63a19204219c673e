/**
 * Finds the programs of other stacks on this machine, and asks them things.
 */

/** What a command printed. */
export interface Captured {
  /** Whether it ended with 0. */
  ok: boolean;
  /** Standard output; standard error too when it failed. */
  output: string;
}

/**
 * Runs a command to its end.
 *
 * A program that is not there is a failed command, not an error.
 */
export async function capture(
  program: string,
  options: { args: string[]; cwd?: URL },
): Promise<Captured> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      ...options,
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return success
      ? { ok: true, output: text(stdout) }
      : { ok: false, output: `${text(stdout)}\n${text(stderr)}`.trim() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ok: false, output: `no ${program} found` };
    throw error;
  }
}

/**
 * Every program of that name in the folders of PATH, in their order: a module may be installed for
 * the second `python3` and not for the first.
 */
export async function findAll(name: string): Promise<string[]> {
  const [separator, suffix] = Deno.build.os === "windows" ? [";", ".exe"] : [":", ""];
  const found: string[] = [];
  for (const folder of new Set((Deno.env.get("PATH") ?? "").split(separator))) {
    const path = `${folder}/${name}${suffix}`;
    if (folder !== "" && await exists(path)) found.push(path);
  }
  return found;
}

/** Whether there is a file or folder at that path. */
export async function exists(path: string | URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
