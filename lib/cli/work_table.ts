/** The options of `hsha work`: where its servers are, and those of a server's options that concern workers. */

import { SERVE_TABLE } from "./serve_table.ts";

/** Every option of `hsha work`, in the order of `--help`. */
export const WORK_TABLE = {
  nats: {
    ...SERVE_TABLE.nats,
    help: "where NATS is; the variable NATS_URL stands in for it",
    heading: "Servers that it works for",
  },
  service: { ...SERVE_TABLE.service, help: "the service whose lines it runs" },
  natsCreds: SERVE_TABLE.natsCreds,
  name: {
    kind: "text",
    metavar: "NAME",
    defaultText: "the host's name and the process's number",
    help: "what the logs of servers call this machine",
  },
  workers: { ...SERVE_TABLE.workers, heading: "What it does" },
  handler: SERVE_TABLE.handler,
  maxReply: { ...SERVE_TABLE.maxReply, heading: "Limits" },
  maxHeap: SERVE_TABLE.maxHeap,
  jobTimeout: SERVE_TABLE.jobTimeout,
  bootTimeout: SERVE_TABLE.bootTimeout,
  drainTimeout: SERVE_TABLE.drainTimeout,
  maxAbandoned: SERVE_TABLE.maxAbandoned,
  allowRead: SERVE_TABLE.allowRead,
  allowWrite: SERVE_TABLE.allowWrite,
  allowNet: SERVE_TABLE.allowNet,
  allowEnv: SERVE_TABLE.allowEnv,
  allowRun: SERVE_TABLE.allowRun,
  allowSys: SERVE_TABLE.allowSys,
  allowFfi: SERVE_TABLE.allowFfi,
  log: SERVE_TABLE.log,
  logLevel: SERVE_TABLE.logLevel,
} as const;
