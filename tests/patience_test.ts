/** Patience: a thread that looks in vain does not do so for long. */

import { assert, assertAlmostEquals } from "@std/assert";
import { Patience } from "../lib/half_sync/memory/patience.ts";

Deno.test("Patience allows a few looks in vain at once, and a tenth of the time in the long run", () => {
  let time = 0;
  const patience = new Patience(() => time);
  const look = 0.2;
  let atOnce = 0;
  while (patience.allows(look)) {
    patience.spend(look);
    atOnce++;
  }
  assertAlmostEquals(atOnce * look, navigator.hardwareConcurrency > 1 ? 4 : 0, look);
  let looking = 0;
  for (; time < 1000; time += look) {
    if (!patience.allows(look)) continue;
    patience.spend(look);
    looking += look;
  }
  if (navigator.hardwareConcurrency > 1) assertAlmostEquals(looking, 100, 2 * look);
  else assert(looking < 1);
});

Deno.test("Patience is not used up by looks that find something", () => {
  const patience = new Patience(() => 0);
  for (let looks = 0; looks < 1000; looks++) {
    assert(patience.allows(0.2) === (navigator.hardwareConcurrency > 1));
  }
});
