/**
 * Test tool: programs of the system that a test needs. A test without its program is left out, and
 * says so, unless TEST_REAL_CLIENTS=required: then it fails. Such tests count among the long ones.
 */

import { pathOf } from "../../scripts/tools/process.ts";
import { LONG } from "./long.ts";

/** Options of a test that needs a program, by any of its names. */
export function needs(...names: readonly string[]): { ignore: boolean } {
  const found = names.some((name) => pathOf(name) !== undefined);
  const required = Deno.env.get("TEST_REAL_CLIENTS") === "required";
  if (!found && !required) console.warn(`Tests are left out: there is no ${names.join(" or ")}.`);
  return { ignore: LONG.ignore || !found && !required };
}
