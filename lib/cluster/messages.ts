/**
 * What the supervisor and its server processes say to each other: an order a line on a process's standard
 * input; on its standard output a report a line, behind a secret word of the two, as handlers write there too.
 */

import type { ServerEvent } from "../observe/events.ts";

/** To a process: stop as at SIGTERM, reload as at SIGHUP, or tell the counters. */
export type Order = "stop" | "reload" | "report";

/** The events that concern the whole service: the supervisor hears of them, and the log of a process does not. */
export type LifeEvent = Extract<
  ServerEvent,
  { type: "listening" | "stopping" | "stopped" | "counters" | "reloaded" | "reload_failed" }
>;

/** Of a process: an event of its life, or the sentence and the exit code with which it ends. */
export type Report =
  | { type: "event"; event: LifeEvent }
  | { type: "failed"; reason: string; code: number };

/** The first word of a process's command line; the next ones are its number and the port. */
export const PROCESS_WORD = "process";

/** The form of the secret word, which is the first line that a process reads: a random UUID. */
export const SECRET = /^[0-9a-f-]{36}$/;

const LIFE: ReadonlySet<string> = new Set<LifeEvent["type"]>([
  "listening",
  "stopping",
  "stopped",
  "counters",
  "reloaded",
  "reload_failed",
]);

/** Whether an event is for the supervisor. */
export function isLifeEvent(event: ServerEvent): event is LifeEvent {
  return LIFE.has(event.type);
}
