/** Patience: a thread that looks in vain does not do so for long. */

import { assert, assertAlmostEquals } from "@std/assert";
import { LOOK, Patience } from "../lib/half_sync/memory/patience.ts";

Deno.test("Patience allows a few looks in vain at once, and a tenth of the time in the long run", () => {
  let time = 0;
  const patience = new Patience(() => time);
  let atOnce = 0;
  while (patience.allows(LOOK)) {
    patience.spend(LOOK);
    atOnce++;
  }
  assertAlmostEquals(atOnce * LOOK, navigator.hardwareConcurrency > 1 ? 4 : 0, LOOK);
  let looking = 0;
  for (; time < 1000; time += LOOK) {
    if (!patience.allows(LOOK)) continue;
    patience.spend(LOOK);
    looking += LOOK;
  }
  if (navigator.hardwareConcurrency > 1) assertAlmostEquals(looking, 100, 2 * LOOK);
  else assert(looking < 1);
});

Deno.test("Patience is not used up by looks that find something", () => {
  const patience = new Patience(() => 0);
  for (let looks = 0; looks < 1000; looks++) {
    assert(patience.allows(LOOK) === (navigator.hardwareConcurrency > 1));
  }
});
