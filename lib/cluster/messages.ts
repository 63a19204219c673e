/** What the supervisor and its server processes say to each other, one message at a time. */

import type { ServerEvent } from "../observe/events.ts";

/** To a process: stop as at SIGTERM, reload as at SIGHUP, or tell the counters. */
export interface Order {
  type: "stop" | "reload" | "report";
}

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
