/** The same as scripts/tools/usage.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/usage.ts";
