/** The version of hsha, as in deno.json, which not every package has. `versions_test.ts` compares them. */

/** As in `hsha --version`. */
export const VERSION = "2.0.0";
