/** The same as scripts/tools/deadline.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/deadline.ts";
