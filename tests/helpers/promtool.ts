/** Test tool: Debian's promtool, which checks metrics and rules. */

import { assertEquals } from "@std/assert";
import { within } from "../../scripts/tools/deadline.ts";
import { ROOT } from "./program.ts";

/** Runs promtool on a text or a file of the project. */
export async function promtool(args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command("promtool", {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await within(child.output(), "promtool's answer");
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, said);
  return said;
}
