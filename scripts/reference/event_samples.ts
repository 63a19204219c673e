/**
 * One event of each type, as a server would tell it, for the reference in docs/events.md. The types make sure
 * that none is missing.
 */

import type { Counters, ServerEvent } from "../../lib/observe/events.ts";

type Sample<T extends ServerEvent["type"]> = Extract<ServerEvent, { type: T }>;

/** Samples by the type of their event. */
type Samples = { [T in ServerEvent["type"]]: Sample<T> };

const COUNTERS: Counters = {
  accepted: 1200,
  answered: 1196,
  failed: 3,
  gone: 1,
  connections: 17,
  refused: 0,
  discarded: 0,
  replaced: 1,
  abandoned: 0,
};
const peer = "127.0.0.1:50314";
const fault = { worker: 2, kind: "TypeError", place: "words.ts:5:9", times: 1 };

/** Every event. */
export const SAMPLES: Samples = {
  listening: {
    type: "listening",
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 7007 },
    workers: 2,
    handler: "words.ts",
  },
  stopping: { type: "stopping", unanswered: 3, connections: 2 },
  stopped: { type: "stopped", counters: COUNTERS },
  counters: { type: "counters", connections: 2, unanswered: 0, counters: COUNTERS },
  reloaded: { type: "reloaded", certificate: "kept" },
  reload_failed: {
    type: "reload_failed",
    reason: "cannot load the handler words.ts: Unexpected eof",
  },
  defaults_kept: { type: "defaults_kept" },
  web_listening: { type: "web_listening", url: "http://127.0.0.1:9090/" },
  web_failed: { type: "web_failed", reason: "its worker died" },
  accept_failed: { type: "accept_failed", reason: "Too many open files", times: 3 },
  connection_refused: {
    type: "connection_refused",
    option: "maxPerAddress",
    limit: 5,
    times: 12,
    peer,
  },
  connection_aborted: { type: "connection_aborted", reason: "Connection reset by peer", times: 2 },
  proxy_header_refused: { type: "proxy_header_refused", peer, reason: "it sent no PROXY header" },
  connection_closed: {
    type: "connection_closed",
    peer,
    lines: 3,
    failed: 1,
    gone: 0,
    received: 21,
    sent: 42,
    duration: 0.021,
    reason: "client closed",
  },
  connection_lost: {
    type: "connection_lost",
    peer,
    reason: "Connection reset by peer",
    unanswered: 2,
  },
  connection_timed_out: {
    type: "connection_timed_out",
    peer,
    reason: "idle timeout",
    seconds: 300,
    unanswered: 0,
  },
  connection_unpinned: {
    type: "connection_unpinned",
    peer,
    reason: "a job ran longer than 30 seconds",
    unanswered: 1,
    times: 4,
  },
  input_discarded: { type: "input_discarded", bytes: 4096, connections: 2 },
  line_too_long: { type: "line_too_long", peer, limit: 65536, times: 1 },
  lines_failed: { type: "lines_failed", peer, times: 250 },
  jobs_failed: { type: "jobs_failed", ...fault, times: 250 },
  handler_strayed: { type: "handler_strayed", ...fault },
  context_used_late: {
    type: "context_used_late",
    worker: 2,
    use: "end",
    place: "words.ts:5:31",
    times: 1,
  },
  handler_threw: { type: "handler_threw", ...fault, message: "line.words is not a function" },
  worker_replaced: {
    type: "worker_replaced",
    worker: 2,
    reason: "a job ran longer than 30 seconds",
  },
  worker_renewed: { type: "worker_renewed", worker: 2, reason: "heap", limit: 256 },
  worker_boot_failed: {
    type: "worker_boot_failed",
    worker: 2,
    reason: "too many open files",
    retrySeconds: 0.2,
  },
  worker_abandoned: { type: "worker_abandoned", worker: 2, abandoned: 1, limit: 2 },
  program_said: {
    type: "program_said",
    worker: 1,
    program: "python3",
    text: "loading the model",
    unsaid: 0,
  },
  program_replaced: {
    type: "program_replaced",
    worker: 1,
    program: "python3",
    reason: "python3 ended with exit code 1",
  },
  process_replaced: { type: "process_replaced", process: 2, reason: "it was killed by SIGKILL" },
  process_start_failed: {
    type: "process_start_failed",
    process: 2,
    reason: "it ended with exit code 1",
    retrySeconds: 0.2,
  },
  node_awaited: { type: "node_awaited", service: "words" },
  node_joined: { type: "node_joined", node: "blue-1412", workers: 4 },
  node_left: { type: "node_left", node: "blue-1412" },
  node_lost: { type: "node_lost", node: "blue-1412", reason: "it is gone", lines: 17 },
  node_refused: {
    type: "node_refused",
    node: "blue-1412",
    reason: "its handler has other defaults",
  },
  nats_lost: { type: "nats_lost", reason: "it does not answer" },
  nats_found: { type: "nats_found" },
  working: {
    type: "working",
    node: "blue-1412",
    service: "words",
    workers: 4,
    handler: "words.ts",
  },
  front_refused: { type: "front_refused", reason: "its handler has other defaults" },
  node_counters: {
    type: "node_counters",
    fronts: 2,
    lines: 12,
    ran: 1200,
    replaced: 1,
    abandoned: 0,
  },
  leaving: { type: "leaving", fronts: 2, lines: 12 },
  left: { type: "left", ran: 1212 },
  log_lines_lost: {
    type: "log_lines_lost",
    reason: "nobody takes them in time",
    times: 120,
  },
  log_reopen_failed: {
    type: "log_reopen_failed",
    file: "access.log",
    reason: "Permission denied",
  },
};

/** The first event under each heading of the page; the others follow in the order above. */
export const HEADINGS: Partial<Record<ServerEvent["type"], string>> = {
  listening: "The server",
  accept_failed: "Connections",
  line_too_long: "Lines and jobs",
  worker_replaced: "Workers",
  program_said: "Programs of `exec`",
  process_replaced: "Processes",
  node_awaited: "Worker machines, told by servers",
  working: "Worker machines, told by themselves",
  log_lines_lost: "The log itself",
};
