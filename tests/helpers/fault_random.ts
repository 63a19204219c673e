/** The same as scripts/tools/chance.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/chance.ts";
