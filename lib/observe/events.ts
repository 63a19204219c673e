/**
 * The events of a server (the Observer pattern): all that is worth knowing, as it happens. Every layer tells
 * them to one function; the log is one listener, the access log another. No event quotes a line, with three
 * exceptions: `handler_threw`, which is for debugging; a refused `permission`, which may name a file; and
 * what a program of `exec` writes to its standard error (`program_said`, `program_replaced`).
 */

/** Lines by what became of them: `accepted` = `answered` + `failed` + `gone` + those under way. */
export interface Counters {
  /** Lines taken from clients. */
  accepted: number;
  /** Lines with a reply that was handed to the socket, unless it is an `ERR`. */
  answered: number;
  /** Lines with an `ERR` reply that was handed to the socket. */
  failed: number;
  /** Lines whose connection was gone before their reply. */
  gone: number;
  /** Connections served so far. */
  connections: number;
  /** Connections refused at a limit. */
  refused: number;
  /** Bytes that clients sent after the end of their connection: read, and thrown away. */
  discarded: number;
  /** Workers replaced. */
  replaced: number;
  /** Workers that were given up, stuck in a job, and have not come back. */
  abandoned: number;
}

/** Times of the lines so far, in seconds: median, 99th percentile and maximum; 0 without a line. */
export interface Percentiles {
  /** The median. */
  p50: number;
  /** The 99th percentile. */
  p99: number;
  /** The greatest. */
  max: number;
}

/** How long lines took so far. */
export interface TimesInBrief {
  /** From a line's acceptance until a worker began it. */
  wait: Percentiles;
  /** The handler's own time; lines that travel together count with their average. */
  job: Percentiles;
  /** From a line's acceptance until its reply was given to the connection. */
  line: Percentiles;
}

/** Why a worker was replaced: a job ran too long, it died, its heap was too large, or a reload. */
export type ReplacementReason = "timeout" | "died" | "heap" | "reload";

/** Why a connection ended. */
export type CloseReason =
  | "client closed"
  | "lost"
  | "idle timeout"
  | "write timeout"
  | "stop"
  | "refused"
  | "handler";

/**
 * One thing that happened. `times` says how often it happened since the last such event; if absent, once. If
 * it happened several times, `unanswered` is the sum, and all other details are those of the last time.
 */
export type ServerEvent =
  /**
   * The server accepts connections. With several `processes`, `workers` is the number in each. With a
   * `service`, its worker machines run lines, too; with 0 workers, only they do.
   */
  | {
    type: "listening";
    addr: Deno.Addr;
    workers: number;
    handler: string;
    processes?: number;
    service?: string;
  }
  /** The live page, the metrics and the health checks are served at `url`. */
  | { type: "web_listening"; url: string }
  /** The page's worker has ended, and with it the metrics and the health checks; the server goes on. */
  | { type: "web_failed"; reason: string }
  /** A stop has begun; the `reason` says why if the server cannot go on. */
  | { type: "stopping"; reason?: string; unanswered: number; connections: number }
  /** The server has stopped. */
  | { type: "stopped"; counters: Counters }
  /** What SIGUSR2 asks for: the counters, and how long lines took. Several processes are added up. */
  | {
    type: "counters";
    connections: number;
    unanswered: number;
    counters: Counters;
    processes?: number;
    times?: TimesInBrief;
  }
  /** Connections could not be accepted. */
  | { type: "accept_failed"; reason: string; times: number }
  /** Clients left before they could be served, as a load balancer's probes do. */
  | { type: "connection_aborted"; reason: string; times: number }
  /** Connections over the limit of an `option` were refused; `peer` is the last of them. */
  | {
    type: "connection_refused";
    option: "maxConnections" | "maxPerAddress";
    limit: number;
    times: number;
    peer: string;
  }
  /** Clients sent more after their connections had ended, at a stop for example; it was thrown away. */
  | { type: "input_discarded"; bytes: number; connections: number }
  /** A connection did not begin with a PROXY header, and was closed without a reply. */
  | { type: "proxy_header_refused"; peer: string; reason: string; times?: number }
  /** A connection broke, or a stop cut it off. */
  | { type: "connection_lost"; peer: string; reason: string; unanswered: number; times?: number }
  /** A connection was closed because the worker that kept its session is gone. */
  | { type: "connection_unpinned"; peer: string; reason: string; unanswered: number; times: number }
  /** The server closed a connection because its client sent nothing, or read nothing, for `seconds`. */
  | {
    type: "connection_timed_out";
    peer: string;
    reason: "idle timeout" | "write timeout";
    seconds: number;
    unanswered: number;
    times?: number;
  }
  /** A connection has ended, even one that was refused: its record, as in the access log. */
  | ConnectionClosed
  /** Lines were longer than `--max-line`. A line is told of when it passes the limit, not when it ends. */
  | { type: "line_too_long"; peer: string; limit: number; times: number }
  /** Lines were answered by an `ERR` reply; `peer` sent the last of them. */
  | { type: "lines_failed"; peer: string; times: number }
  /** Jobs threw: an error of this `kind`, at this `place` in the handler. */
  | { type: "jobs_failed"; worker: number } & Fault
  /** The handler threw outside of any job, in a timer for example. */
  | { type: "handler_strayed"; worker: number } & Fault
  /** A context was used after its job had ended, at this `place` in the handler; that had no effect. */
  | { type: "context_used_late"; worker: number; use: ContextUse; place?: string; times: number }
  /** Follows each `jobs_failed` and `handler_strayed`: what the handler threw, which may quote a line. */
  | {
    type: "handler_threw";
    worker: number;
    kind: string;
    place?: string;
    message: string;
    stack?: string;
    times?: number;
  }
  /** Every worker has loaded the handler anew. A TLS certificate stays as it was. */
  | { type: "reloaded"; certificate?: "kept"; processes?: number }
  /** A reloaded handler has other `defaults`; those of the start stay in force. */
  | { type: "defaults_kept" }
  /** The handler could not be loaded anew; the old one stays. */
  | { type: "reload_failed"; reason: string; process?: number }
  /** A worker's program wrote a line to its standard error; `unsaid` lines before it are left out. */
  | { type: "program_said"; worker: number; program: string; text: string; unsaid: number }
  /** A worker's program ended or was killed; another one takes its place. */
  | { type: "program_replaced"; worker: number; program: string; reason: string; times?: number }
  /** A worker was lost, and replaced under its ID. */
  | { type: "worker_replaced"; worker: number; reason: string; times?: number }
  /** A worker was replaced as planned, at a reload or because its heap was too large; no line was lost. */
  | {
    type: "worker_renewed";
    worker: number;
    reason: "reload" | "heap";
    limit?: number;
    times?: number;
  }
  /** A new worker did not start; another try follows. */
  | { type: "worker_boot_failed"; worker: number; reason: string; retrySeconds: number }
  /** A worker is stuck in a job that cannot be stopped, and was given up. At the `limit`, the server ends. */
  | { type: "worker_abandoned"; worker: number; abandoned: number; limit: number }
  /** A process takes no more connections; another one takes its place. */
  | { type: "process_replaced"; process: number; reason: string }
  /** A process ended before it listened; another try follows. */
  | { type: "process_start_failed"; process: number; reason: string; retrySeconds: number }
  /** The start waits for a worker machine: with `--nats`, none of this service is there yet. */
  | { type: "node_awaited"; service: string }
  /** A worker machine has joined; it runs lines of this server from now on. */
  | { type: "node_joined"; node: string; workers: number }
  /** A worker machine finished its lines and left. */
  | { type: "node_left"; node: string }
  /** A worker machine is gone; its `lines` of this server got `ERR` replies. */
  | { type: "node_lost"; node: string; reason: string; lines: number }
  /** A worker machine does not suit this server, and gets no line from it. */
  | { type: "node_refused"; node: string; reason: string }
  /** NATS is unreachable, or does not answer. A server without workers of its own answers `ERR` meanwhile. */
  | { type: "nats_lost"; reason: string }
  /** NATS answers again. */
  | { type: "nats_found" }
  /** This worker machine is ready for the servers of its service. */
  | { type: "working"; node: string; service: string; workers: number; handler: string }
  /** A server gives this worker machine no lines, as the two do not fit together. */
  | { type: "front_refused"; reason: string }
  /** A stop of this worker machine has begun; the `reason` says why if it cannot go on. */
  | { type: "leaving"; fronts: number; lines: number; reason?: string }
  /** This worker machine has stopped. */
  | { type: "left"; ran: number }
  /** The counters of this worker machine, which SIGUSR2 asks for. */
  | {
    type: "node_counters";
    fronts: number;
    lines: number;
    ran: number;
    replaced: number;
    abandoned: number;
  }
  /** Lines of the log or the access log were lost: nobody took them in time, or the disk is full. */
  | { type: "log_lines_lost"; file?: string; reason: string; times: number }
  /** The access log could not be opened again; the old file stays in use. */
  | { type: "log_reopen_failed"; file: string; reason: string };

/** What a handler can do with a context: call `context.end()`, or set `context.session`. */
export type ContextUse = "end" | "session";

/** An error that a handler threw, without its message, which might quote a line. */
export interface Fault {
  /** The error's class. */
  kind: string;
  /** File, line and column of the handler, as in `words.ts:5:9`, if they are known. */
  place?: string;
  /** The permission that was refused, in Deno's words; it may name a file. */
  permission?: string;
  /** How often it was thrown since the last such event. */
  times: number;
}

/** A connection's record, at its end. */
export interface ConnectionClosed {
  /** The type of the event. */
  type: "connection_closed";
  /** Its client. */
  peer: string;
  /** Lines taken from it. */
  lines: number;
  /** Of those, lines answered by an `ERR` reply. */
  failed: number;
  /** Of those, lines given up because the connection ended first. */
  gone: number;
  /** Bytes received, without those of TLS. */
  received: number;
  /** Bytes of replies sent, without those of TLS. */
  sent: number;
  /** Seconds from its beginning to its end. */
  duration: number;
  /** Why it ended. */
  reason: CloseReason;
}

/** Gets the events of a server. An error that it throws counts as uncaught, and disturbs nothing else. */
export type EventListener = (event: ServerEvent) => void;
