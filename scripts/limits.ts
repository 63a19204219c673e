/**
 * Measures what a server promises to withstand: `deno run -A scripts/limits.ts [name …]`.
 *
 * Prints each figure with its bound, and exits with 1 when a bound is broken.
 */

import { CHECKS } from "./limits/all.ts";
import { describe, holds } from "./limits/check.ts";

const wanted = Deno.args.length === 0
  ? CHECKS
  : CHECKS.filter(({ name }) => Deno.args.includes(name));
const unknown = Deno.args.find((arg) => !CHECKS.some(({ name }) => name === arg));
if (unknown !== undefined) {
  const names = CHECKS.map(({ name }) => name).join(", ");
  console.error(`There is no check "${unknown}"; there are ${names}`);
  Deno.exit(2);
}
let broken = 0;
for (const check of wanted) {
  console.log(`\n${check.name}: ${check.title}`);
  try {
    for (const finding of await check.run()) {
      const good = holds(finding);
      if (!good) broken++;
      console.log(`  ${good ? "   " : "NOT"} ${describe(finding)}`);
    }
  } catch (error) {
    broken++;
    console.log(`  NOT ${error instanceof Error ? error.message : error}`);
  }
}
console.log(broken === 0 ? "\nEvery bound holds." : `\n${broken} broken.`);
Deno.exit(broken === 0 ? 0 : 1);
