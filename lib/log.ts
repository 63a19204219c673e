/** The log: the listener that writes each event as one line to standard error. */

import type { EventListener, ServerEvent } from "./events.ts";

/** How much an event matters, least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Options of {@linkcode createLog}. */
export interface LogOptions {
  /** For people, or one JSON object a line. @default {"text"} */
  format?: "text" | "json";
  /** Events that matter less are left out. @default {"info"} */
  level?: LogLevel;
  /** Takes each line, with its line end. @default {standard error} */
  write?: (line: string) => void;
}

const LEVEL_OF: Record<ServerEvent["type"], LogLevel> = {
  listening: "info",
  stopping: "info",
  stopped: "info",
  counters: "info",
  accept_failed: "warn",
  connection_refused: "warn",
  input_discarded: "warn",
  proxy_header_refused: "warn",
  connection_lost: "debug",
  lines_failed: "warn",
  worker_replaced: "warn",
  worker_boot_failed: "error",
  worker_abandoned: "error",
  handler_strayed: "warn",
};

/** A listener that logs events; no line holds what a client has sent. */
export function createLog(options: LogOptions = {}): EventListener {
  const { format = "text", level = "info", write = writeToStderr } = options;
  const least = LOG_LEVELS.indexOf(level);
  return (event) => {
    const eventLevel = LEVEL_OF[event.type];
    if (LOG_LEVELS.indexOf(eventLevel) < least) return;
    const time = new Date().toISOString();
    const line = format === "json"
      ? JSON.stringify({ time, level: eventLevel, ...event })
      : `${time} ${eventLevel} ${sentence(event)}`;
    write(`${line.replace(/[\r\n]+/g, " ")}\n`);
  };
}

/** The event in words. */
function sentence(event: ServerEvent): string {
  switch (event.type) {
    case "listening": {
      const workers = count(event.workers, "worker");
      return `listening on ${address(event.addr)} with ${workers}, handler ${event.handler}`;
    }
    case "stopping": {
      const reason = event.reason === undefined ? "" : `: ${event.reason}`;
      const lines = count(event.unanswered, "line");
      return `stopping${reason}; ${lines} to answer, ${
        count(event.connections, "connection")
      } open`;
    }
    case "stopped":
      return `stopped; ${fields(event.counters)}`;
    case "counters":
      return `counters: connections_open=${event.connections} unanswered=${event.unanswered} ` +
        fields(event.counters);
    case "accept_failed":
      return `could not accept ${count(event.times, "connection")}: ${event.reason}`;
    case "connection_refused":
      return `refused ${count(event.times, "connection")} over the limit of ${event.limit}` +
        (event.option === "maxPerAddress" ? " for one address" : "") +
        `, the last of ${event.peer}`;
    case "input_discarded":
      return `threw away ${count(event.bytes, "byte")} that ` +
        `${count(event.connections, "client")} sent behind the end of the connection`;
    case "proxy_header_refused":
      return `closed ${count(event.times, "connection")} at the PROXY header, ` +
        `the last of ${event.peer}: ${event.reason}`;
    case "connection_lost":
      return `lost ${event.peer} with ${
        count(event.unanswered, "line")
      } unanswered: ${event.reason}`;
    case "lines_failed":
      return `${count(event.times, "line")} of ${event.peer} got an ERR reply`;
    case "worker_replaced":
      return `replaced worker ${event.worker}: ${event.reason}`;
    case "worker_boot_failed":
      return `worker ${event.worker} did not start, next try in ${event.retrySeconds} s: ${event.reason}`;
    case "worker_abandoned":
      return `worker ${event.worker} is stuck in a job and was abandoned: ` +
        `${event.abandoned} of at most ${event.limit}`;
    case "handler_strayed":
      return `the handler threw outside of a job in worker ${event.worker}: ${event.reason}`;
  }
}

function address(addr: Deno.Addr): string {
  if ("path" in addr) return addr.path;
  if (!("hostname" in addr)) return "a vsock address";
  const { hostname, port } = addr;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function fields(counters: object): string {
  return Object.entries(counters).map(([name, value]) => `${name}=${value}`).join(" ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function writeToStderr(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  } catch {
    // nobody reads the log: the server goes on
  }
}
