/** A handler that starts a process for each line: what `exec` is measured against. */

import { MARK } from "./mark.ts";

const SCRIPT = `BEGIN { if (ARGV[1] == "hang") while (1); print "1 " ARGV[1] } ${MARK}`;

/** The program's answer to a line. */
export default function perLine(line: string): string {
  const { stdout } = new Deno.Command("mawk", { args: [SCRIPT, line], clearEnv: true })
    .outputSync();
  return new TextDecoder().decode(stdout).trimEnd();
}
