/** The same as scripts/tools/files.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/files.ts";
