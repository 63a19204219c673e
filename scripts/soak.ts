/**
 * Soaks a server: `deno run -A scripts/soak.ts [seconds]`, three minutes by default. TEST_SEED repeats
 * a run. Exits with 1 when the server has grown, or has lost a line.
 */

import { SEED } from "./tools/chance.ts";
import { describe, holds } from "./limits/check.ts";
import { soak } from "./soak/soak.ts";

const seconds = Number(Deno.args[0] ?? 180);
if (!(seconds > 0)) {
  console.error(`The seconds are "${Deno.args[0]}"; they must be a number above 0`);
  Deno.exit(2);
}
console.log(`soak of ${seconds} s, TEST_SEED=${SEED}`);
const findings = await soak({ seconds, seed: SEED, onProgress: console.log });
for (const finding of findings) {
  console.log(`${holds(finding) ? "   " : "NOT"} ${describe(finding)}`);
}
Deno.exit(findings.every(holds) ? 0 : 1);
