/** The version of hsha, here because a package may lack deno.json. `versions_test.ts` compares the two. */

/** As in `hsha --version`. */
export const VERSION = "2.0.0";
