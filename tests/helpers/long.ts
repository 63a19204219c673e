/**
 * Test tool: tests that take long. `deno task test`, which the gate runs, sets TEST_LONG=1; elsewhere they
 * are left out.
 */

/** Options of a test that takes long. */
export const LONG = { ignore: Deno.env.get("TEST_LONG") !== "1" };
