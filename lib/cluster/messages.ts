/**
 * What the supervisor and its server processes say to each other. A process reads an order a line from its
 * standard input, and writes a report a line to its standard output, behind a secret word, as handlers write
 * there too.
 */

import type { ServerEvent } from "../observe/events.ts";
import type { Snapshot, TimesShown } from "../observe/snapshot.ts";

/**
 * To a process: stop as at SIGTERM, reload as at SIGHUP, tell the counters, or follow single lines for the
 * page's slow motion, or no more.
 */
export type Order = "stop" | "reload" | "report" | "follow" | "unfollow";

/** The events that concern the whole service: the supervisor logs them, the process does not. */
export type LifeEvent = Extract<
  ServerEvent,
  { type: "listening" | "stopping" | "stopped" | "counters" | "reloaded" | "reload_failed" }
>;

/**
 * Of a process: an event of its life, and beside its counters how long its lines took; how it is, if there
 * is a page to show it, with events and samples that it has not told before; or the sentence and the exit
 * code with which it ends.
 */
export type Report =
  | { type: "event"; event: LifeEvent; times?: TimesShown }
  | { type: "snapshot"; snapshot: Snapshot }
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

/**
 * Most bytes of a report in one line, with its secret: POSIX lets nobody else write into the middle of so
 * many, and handlers write there too.
 */
const PIECE = 4000;

/** A report as lines, without their ends: each is a secret word, `+` or, the last one, `=`, and a piece. */
export function linesOf(report: Report, secret: string): string[] {
  const text = JSON.stringify(report).replace(/[\u007f-\uffff]/g, escape); // a character is a byte
  const pieces = Array.from(
    { length: Math.ceil(text.length / PIECE) },
    (_, index) => text.slice(index * PIECE, (index + 1) * PIECE),
  );
  return pieces.map((piece, index) => `${secret}${index < pieces.length - 1 ? "+" : "="}${piece}`);
}

/** Puts reports together again. */
export class ReportJoiner {
  #pieces = "";

  /** Takes a line without its secret word; the result is a report if that is its end. */
  take(line: string): Report | undefined {
    this.#pieces += line.slice(1);
    if (line.startsWith("+")) return undefined;
    const report = JSON.parse(this.#pieces);
    this.#pieces = "";
    return report;
  }
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
