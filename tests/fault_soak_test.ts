/** The soak in small; `deno task soak` is the long one. */

import { assertHolds } from "../scripts/limits/check.ts";
import { soak } from "../scripts/soak/soak.ts";
import { SEED } from "./helpers/fault_random.ts";

Deno.test(`serve gives back what clients of all kinds have cost it, after 20 s (HSHA_SEED=${SEED})`, async () => {
  assertHolds(await soak({ seconds: 20, seed: SEED }));
});
