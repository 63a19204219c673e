/** Events in words: one sentence each, for the log and the live page. */

import { fileURLToPath } from "node:url";
import type { ServerEvent, TimesInBrief } from "./events.ts";
import { withHint } from "../permission_hint.ts";
import { secondsText } from "../seconds_text.ts";

/** The event in words. */
export function sentence(event: ServerEvent): string {
  switch (event.type) {
    case "listening": {
      const workers = count(event.workers, "worker");
      const all = event.processes === undefined
        ? workers
        : `${count(event.processes, "process", "processes")} of ${workers}`;
      const address = addressText(event.addr);
      const machines = `worker machines of the service ${event.service}`;
      if (event.service === undefined) {
        return `listening on ${address} with ${all}, handler ${handlerText(event.handler)}`;
      }
      return event.workers === 0
        ? `listening on ${address} with ${machines}`
        : `listening on ${address} with ${all}, handler ${
          handlerText(event.handler)
        }, and ${machines}`;
    }
    case "web_listening":
      return `live page on ${event.url}`;
    case "web_failed":
      return `the live page, the metrics and the health checks have ended: ${event.reason}`;
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
      return `counters${where(event)}: connections_open=${event.connections} ` +
        `unanswered=${event.unanswered} ${fields(event.counters)}${percentiles(event.times)}`;
    case "accept_failed":
      return `could not accept ${count(event.times, "connection")}: ${event.reason}`;
    case "connection_aborted":
      return `${count(event.times, "client")} left before being served: ${event.reason}`;
    case "connection_refused":
      return `refused ${count(event.times, "connection")} over the limit of ${event.limit}` +
        (event.option === "maxPerAddress" ? " for one address" : "") +
        `, the last from ${event.peer}`;
    case "input_discarded":
      return `threw away ${count(event.bytes, "byte")} that ` +
        `${count(event.connections, "client")} sent after the end of the connection`;
    case "proxy_header_refused":
      return `closed ${peers(event)}: ${event.reason}`;
    case "connection_lost":
      return `lost ${peers(event)} with ${
        count(event.unanswered, "line")
      } unanswered: ${event.reason}`;
    case "connection_unpinned":
      return `closed ${peers(event)} with ${count(event.unanswered, "line")} unanswered, ` +
        `because its worker is gone: ${event.reason}`;
    case "connection_timed_out": {
      const missing = event.reason === "idle timeout" ? "sent" : "read";
      return `closed ${peers(event)} with ${count(event.unanswered, "line")} unanswered: ` +
        `${event.reason}, nothing was ${missing} for ${secondsText(event.seconds)}`;
    }
    case "connection_closed":
      return `closed ${event.peer} after ${event.duration} s, ${event.reason}: ` +
        `${count(event.lines, "line")}, ${event.failed} failed, ${event.gone} gone, ` +
        `${event.received} bytes in, ${event.sent} out`;
    case "line_too_long":
      return lines(
        event,
        `${event.times === 1 ? "was" : "were"} longer than the limit of ${event.limit} bytes`,
      );
    case "lines_failed":
      return lines(event, "got an ERR reply");
    case "jobs_failed":
      return `a job threw in worker ${event.worker}: ${fault(event)}`;
    case "handler_strayed":
      return `the handler threw outside of a job in worker ${event.worker}: ${fault(event)}`;
    case "context_used_late": {
      const use = event.use === "end" ? "context.end() was called" : "context.session was set";
      const place = event.place === undefined ? "" : ` at ${event.place}`;
      return `${use} after its job in worker ${event.worker}${place}, to no effect${times(event)}`;
    }
    case "handler_threw":
      return `worker ${event.worker} threw ${event.stack ?? `${event.kind}: ${event.message}`}`;
    case "reloaded":
      return `every worker${where(event)} has loaded the handler anew` +
        (event.certificate === "kept" ? "; the certificate stays as it was" : "");
    case "defaults_kept":
      return "the handler's defaults have changed; those of the start stay in force";
    case "reload_failed":
      return `the handler could not be loaded anew${
        event.process === undefined ? "" : ` in process ${event.process}`
      }; the old one stays: ${event.reason}`;
    case "program_said": {
      const unsaid = event.unsaid === 0 ? "" : `(${count(event.unsaid, "line")} left out) `;
      return `${event.program} of worker ${event.worker}: ${unsaid}${event.text}`;
    }
    case "program_replaced":
      return `replaced the program of worker ${event.worker}: ${event.reason}${times(event)}`;
    case "worker_replaced":
      return `replaced worker ${event.worker}: ${event.reason}${times(event)}`;
    case "worker_renewed": {
      const why = event.reason === "reload"
        ? "the handler was loaded anew"
        : `its heap was larger than ${event.limit} MiB`;
      return `renewed worker ${event.worker}: ${why}${times(event)}`;
    }
    case "worker_boot_failed":
      return `worker ${event.worker} did not start; next try in ${event.retrySeconds} s: ${event.reason}`;
    case "worker_abandoned":
      return `worker ${event.worker} is stuck in a job and was abandoned: ` +
        `${event.abandoned} of at most ${event.limit}`;
    case "process_replaced":
      return `process ${event.process} takes no more connections; another one takes its place: ` +
        event.reason;
    case "process_start_failed":
      return `process ${event.process} did not start; next try in ${event.retrySeconds} s: ` +
        event.reason;
    case "node_awaited":
      return `waiting for a worker machine of the service ${event.service}`;
    case "node_joined":
      return `worker machine ${event.node} has joined, with ${count(event.workers, "worker")}`;
    case "node_left":
      return `worker machine ${event.node} has left`;
    case "node_lost":
      return `lost worker machine ${event.node} and ${count(event.lines, "line")} that it had: ` +
        event.reason;
    case "node_refused":
      return `worker machine ${event.node} gets no line: ${event.reason}`;
    case "nats_lost":
      return `lost contact with NATS: ${event.reason}`;
    case "nats_found":
      return "in contact with NATS again";
    case "working":
      return `working for ${event.service} as ${event.node} with ${
        count(event.workers, "worker")
      }, handler ${handlerText(event.handler)}`;
    case "front_refused":
      return `a server gives this machine no line: ${event.reason}`;
    case "leaving": {
      const reason = event.reason === undefined ? "" : `: ${event.reason}`;
      return `leaving${reason}; ${count(event.lines, "line")} of ${
        count(event.fronts, "server")
      } to run`;
    }
    case "left":
      return `left; ran=${event.ran}`;
    case "node_counters":
      return `counters: servers=${event.fronts} unanswered=${event.lines} ran=${event.ran} ` +
        `replaced=${event.replaced} abandoned=${event.abandoned}`;
    case "log_lines_lost": {
      const log = event.file === undefined ? "log" : "access log";
      return `${count(event.times, `${log} line`)} lost: ${event.reason}`;
    }
    case "log_reopen_failed":
      return `could not reopen the access log ${event.file}; the old file stays in use: ${event.reason}`;
  }
}

/** What a handler threw: its kind and place, how often, and a permission that was refused. */
function fault(
  event: { kind: string; place?: string; permission?: string; times: number },
): string {
  const { kind, place, permission } = event;
  const where = place === undefined ? "" : ` at ${place}`;
  const refused = permission === undefined ? "" : `: ${withHint(permission)}`;
  return `${kind}${where}${times(event)}${refused}`;
}

/** ` of 2 processes`; nothing for a server of one. */
function where({ processes }: { processes?: number }): string {
  return processes === undefined ? "" : ` of ${count(processes, "process", "processes")}`;
}

/** A connection; of several, their number and the last one. */
function peers({ peer, times = 1 }: { peer: string; times?: number }): string {
  return times === 1 ? peer : `${times} connections (the last: ${peer})`;
}

/** What was with some lines, and their client; several may be of several clients. */
function lines({ peer, times }: { peer: string; times: number }, what: string): string {
  return times === 1
    ? `1 line from ${peer} ${what}`
    : `${times} lines ${what}, the last from ${peer}`;
}

/** `, 3 times`; nothing for once. */
function times({ times = 1 }: { times?: number }): string {
  return times === 1 ? "" : `, ${times} times`;
}

/** An address as the log says it. */
export function addressText(addr: Deno.Addr): string {
  if ("path" in addr) return addr.path;
  if (!("hostname" in addr)) return "a vsock address";
  const { hostname, port } = addr;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** A handler's name; of a file, without its folders. */
export function handlerName(handler: string): string {
  if (handler.startsWith("data:")) return "inline";
  const text = handlerText(handler);
  return text.slice(text.lastIndexOf("/") + 1);
}

/** A handler as the log says it: of a file, its path, in which a space is a space. */
function handlerText(handler: string): string {
  try {
    return handler.startsWith("file:") ? fileURLToPath(handler) : handler;
  } catch {
    return handler; // not a path of this machine
  }
}

function fields(counters: object): string {
  return Object.entries(counters).map(([name, value]) => `${name}=${value}`).join(" ");
}

/** ` wait_p50=0.2ms` and so on. */
function percentiles(times: TimesInBrief | undefined): string {
  if (times === undefined) return "";
  const millis = (seconds: number) => `${Math.round(seconds * 1e6) / 1e3}ms`;
  const { wait, job, line } = times;
  return Object.entries({ wait, job, line }).map(([name, { p50, p99, max }]) =>
    ` ${name}_p50=${millis(p50)} ${name}_p99=${millis(p99)} ${name}_max=${millis(max)}`
  ).join("");
}

function count(number: number, noun: string, several = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : several}`;
}
