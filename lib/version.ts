/** The version of hsha: that of deno.json, which is not part of every package. `versions_test.ts` compares. */

/** As in `hsha --version`. */
export const VERSION = "2.0.0";
