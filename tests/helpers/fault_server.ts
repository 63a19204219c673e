/** The same as scripts/tools/fault_server.ts: goes when nothing imports it any more. */

export * from "../../scripts/tools/fault_server.ts";
