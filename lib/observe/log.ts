/** The log: a listener that writes each event to standard error as one line, and never waits. */

import { EventJoiner } from "./event_joiner.ts";
import type { ServerEvent } from "./events.ts";
import { LineQueue } from "./line_queue.ts";
import { sentence } from "./sentences.ts";

/** The levels of events: how much they matter, least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Options of {@linkcode createLog}. */
export interface LogOptions {
  /** Sentences for people, or one JSON object for each line. @default {"text"} */
  format?: "text" | "json";
  /** Events that matter less are left out. @default {"info"} */
  level?: LogLevel;
  /** The number of this process, if there are several; each line names it. */
  process?: number;
  /** Takes each line, with its line end. @default {a queue in front of standard error} */
  write?: (line: string) => void;
}

/** A log: a listener for `onEvent`. */
export interface Log {
  /** Takes an event. */
  (event: ServerEvent): void;
  /** Waits up to a second until all lines are out. Call it before the program exits. */
  flush(): Promise<void>;
}

/** How much each event matters. */
export const LEVEL_OF: Record<ServerEvent["type"], LogLevel> = {
  listening: "info",
  web_listening: "info",
  web_failed: "error",
  stopping: "info",
  stopped: "info",
  counters: "info",
  accept_failed: "warn",
  connection_aborted: "debug",
  connection_refused: "warn",
  connection_lost: "debug",
  connection_unpinned: "warn",
  input_discarded: "warn",
  proxy_header_refused: "warn",
  connection_timed_out: "info",
  connection_closed: "debug",
  line_too_long: "warn",
  lines_failed: "warn",
  jobs_failed: "warn",
  handler_strayed: "warn",
  context_used_late: "warn",
  handler_threw: "debug",
  reloaded: "info",
  defaults_kept: "warn",
  reload_failed: "error",
  program_said: "info",
  program_replaced: "warn",
  worker_replaced: "warn",
  worker_renewed: "info",
  worker_boot_failed: "error",
  worker_abandoned: "error",
  process_replaced: "warn",
  process_start_failed: "error",
  node_awaited: "info",
  node_joined: "info",
  node_left: "info",
  node_lost: "warn",
  node_refused: "error",
  nats_lost: "error",
  nats_found: "info",
  working: "info",
  front_refused: "error",
  leaving: "info",
  left: "info",
  node_counters: "info",
  log_lines_lost: "warn",
  log_reopen_failed: "error",
};

/** Milliseconds that a flush waits for the log's reader: one that is stuck must not hold up the exit. */
const FLUSH = 1000;

/** Control characters, and those that change the reading direction: a terminal must not get them. */
// deno-lint-ignore no-control-regex -- they are to be escaped
const UNSHOWN = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes a log. Events that clients or handlers can cause at will are joined: there is one line a second for
 * each kind, with their number. Lines that nobody reads in time are lost; the log says how many once there is
 * room again.
 */
export function createLog(options: LogOptions = {}): Log {
  const { format = "text", level = "info", process } = options;
  const origin = process === undefined ? "" : `process ${process}: `;
  const least = LOG_LEVELS.indexOf(level);
  const queue = options.write === undefined ? standardError(lineOf) : undefined;
  const write = options.write ?? ((line: string) => queue!.write(line));
  const joiner = new EventJoiner((event) => write(lineOf(event)));

  function lineOf(event: ServerEvent): string {
    const time = new Date().toISOString();
    const eventLevel = LEVEL_OF[event.type];
    const line = format === "json"
      ? JSON.stringify({ time, level: eventLevel, process, ...event })
      : `${time} ${eventLevel} ${origin}${sentence(event).replace(/\s*[\r\n]+\s*/g, " ")}`;
    return `${line.replace(UNSHOWN, escape)}\n`;
  }

  const log = (event: ServerEvent) => {
    if (LOG_LEVELS.indexOf(LEVEL_OF[event.type]) >= least) joiner.take(event);
  };
  const flush = async () => {
    joiner.flush();
    await queue?.flush(FLUSH);
  };
  return Object.assign(log, { flush });
}

/** A queue in front of standard error. If lines were lost, it adds a line that says how many. */
function standardError(lineOf: (event: ServerEvent) => string): LineQueue {
  let times = 0;
  let reason = "";
  const queue = new LineQueue({
    sink: () => Deno.stderr,
    lost(lines, why) {
      times += lines;
      reason = why;
    },
    drained() {
      if (times > 0) queue.write(lineOf({ type: "log_lines_lost", reason, times }));
      times = 0;
    },
  });
  return queue;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
