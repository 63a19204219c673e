/** The options of `hsha work`: those of a server that are about its workers, and where its servers are. */

import { SERVE_TABLE } from "./serve_table.ts";

const {
  nats,
  service,
  natsCreds,
  workers,
  handler,
  maxReply,
  maxHeap,
  jobTimeout,
  bootTimeout,
  drainTimeout,
  maxAbandoned,
  allowRead,
  allowWrite,
  allowNet,
  allowEnv,
  allowRun,
  allowSys,
  allowFfi,
  log,
  logLevel,
} = SERVE_TABLE;

/** Every option of `hsha work`, in the order of `--help`. */
export const WORK_TABLE = {
  nats: {
    ...nats,
    help: "where NATS is; the variable NATS_URL stands in for it",
    heading: "Servers that it works for",
  },
  service: { ...service, help: "the service whose lines it runs" },
  natsCreds,
  name: {
    kind: "text",
    metavar: "NAME",
    defaultText: "the host's name and the process's number",
    help: "what the logs of servers call this machine",
  },
  workers: { ...workers, heading: "What it does" },
  handler,
  maxReply: { ...maxReply, heading: "Limits" },
  maxHeap,
  jobTimeout,
  bootTimeout,
  drainTimeout,
  maxAbandoned,
  allowRead,
  allowWrite,
  allowNet,
  allowEnv,
  allowRun,
  allowSys,
  allowFfi,
  log,
  logLevel,
} as const;
