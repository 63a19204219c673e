/** The soak in small; `deno task soak` is the long one. */

import { assertEquals } from "@std/assert";
import { assertHolds, holds } from "../scripts/limits/check.ts";
import { growth, soak } from "../scripts/soak/soak.ts";
import { SEED } from "../scripts/tools/chance.ts";
import { LONG } from "./helpers/long.ts";

Deno.test(
  `serve gives back what clients of all kinds have cost it, after 20 s (TEST_SEED=${SEED})`,
  LONG,
  async () => {
    assertHolds(await soak({ seconds: 20, seed: SEED }));
  },
);

Deno.test("growth finds a descriptor that is lost in some rounds, and none in others", () => {
  const look = (descriptors: number) => ({ rss: 100, peak: 100, cpu: 1, threads: 9, descriptors });
  const broken = (...counts: number[]) =>
    growth(counts.map(look)).filter((finding) => !holds(finding)).map(({ what }) => what);
  assertEquals(broken(30, 31, 31, 32, 33), ["more descriptors in the end"]);
  assertEquals(broken(30, 33, 31, 30, 30), []);
});
