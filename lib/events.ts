/**
 * Everything worth knowing about a running server, as it happens. Layers tell it through one function;
 * the log is one listener, a metrics exporter could be another. No event holds a line's content.
 */

/** Lines by what became of them: `accepted` = `answered` + `failed` + `gone` + those under way. */
export interface Counters {
  /** Lines taken from clients. */
  accepted: number;
  /** Lines whose job returned. */
  answered: number;
  /** Lines answered by an `ERR` reply. */
  failed: number;
  /** Lines whose connection was gone before their reply. */
  gone: number;
  /** Connections served so far. */
  connections: number;
  /** Connections refused at the limit. */
  refused: number;
  /** Bytes that clients sent behind the end of their connection: read, and thrown away. */
  discarded: number;
  /** Workers replaced. */
  replaced: number;
  /** Workers stuck in a job and given up, that have not come back. */
  abandoned: number;
}

/** One thing that happened. */
export type ServerEvent =
  /** The server accepts connections. */
  | { type: "listening"; addr: Deno.Addr; workers: number; handler: string }
  /** A stop has begun, for a `reason` if the server cannot go on; `unanswered` lines are left. */
  | { type: "stopping"; reason?: string; unanswered: number; connections: number }
  /** The server has stopped. */
  | { type: "stopped"; counters: Counters }
  /** Asked for: the counters. */
  | { type: "counters"; connections: number; unanswered: number; counters: Counters }
  /** Connections could not be accepted: `times` since the last such event. */
  | { type: "accept_failed"; reason: string; times: number }
  /** Connections over the limit of an `option` were refused: `times` since the last one, lastly `peer`. */
  | {
    type: "connection_refused";
    option: "maxConnections" | "maxPerAddress";
    limit: number;
    times: number;
    peer: string;
  }
  /** What clients sent behind the end of their connections, to a server that stops say, was thrown away. */
  | { type: "input_discarded"; bytes: number; connections: number }
  /** Connections that began without a PROXY header were closed without a word: `times`, lastly `peer`'s. */
  | { type: "proxy_header_refused"; peer: string; reason: string; times: number }
  /** A connection broke, or was broken off by the server; not one that ended, or was idle for too long. */
  | { type: "connection_lost"; peer: string; reason: string; unanswered: number }
  /** Lines of one connection got `ERR` replies: `times` since the last such event. */
  | { type: "lines_failed"; peer: string; times: number }
  /** A worker has been replaced under its ID. */
  | { type: "worker_replaced"; worker: number; reason: string }
  /** A new worker could not start; it is tried again after `retrySeconds`. */
  | { type: "worker_boot_failed"; worker: number; reason: string; retrySeconds: number }
  /** A worker is stuck in a job and has been given up; `abandoned` of at most `limit`. */
  | { type: "worker_abandoned"; worker: number; abandoned: number; limit: number }
  /** A handler threw outside of any job. */
  | { type: "handler_strayed"; worker: number; reason: string };

/** Listens to a server. What it throws is an uncaught error, and gets in the way of nothing else. */
export type EventListener = (event: ServerEvent) => void;
