/** The same as scripts/tools/raw_http.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/raw_http.ts";
