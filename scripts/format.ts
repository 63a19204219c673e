/** Runs `deno fmt` over what scripts have written: a figure of another length shifts a table. */

import { fileURLToPath } from "node:url";

/**
 * Formats files, and all files of folders.
 *
 * @throws {Error} if `deno fmt` fails, with what it says
 */
export async function format(files: readonly URL[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...files.map((file) => fileURLToPath(file))],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`deno fmt failed: ${new TextDecoder().decode(stderr).trim()}`);
}
