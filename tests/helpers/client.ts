/** The same as scripts/tools/line_client.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/line_client.ts";
