/**
 * What the supervisor and its server processes say to each other. A process reads its orders from standard
 * input, one a line. It writes its reports to standard output, each line after a secret word: handlers write
 * there, too.
 */

import type { ServerEvent } from "../observe/events.ts";
import type { Snapshot, TimesShown } from "../observe/snapshot.ts";

/**
 * To a process: stop as at SIGTERM, reload as at SIGHUP, report the counters; follow single lines for the
 * page's slow motion, or follow them no more.
 */
export type Order = "stop" | "reload" | "report" | "follow" | "unfollow";

/** The events that concern the whole service: the supervisor logs them, the process does not. */
export type LifeEvent = Extract<
  ServerEvent,
  { type: "listening" | "stopping" | "stopped" | "counters" | "reloaded" | "reload_failed" }
>;

/**
 * From a process: an event of its life, and with its counters how long its lines took; a snapshot, if there
 * is a page, with the events and samples that are new; or the sentence and the exit code with which it ends.
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
 * The most bytes of a report in one line. With the secret and the line's end they are fewer than the 4096
 * that POSIX writes in one piece: no handler can write into the middle of them.
 */
const PIECE = 4000;

/** A report as lines, without their ends. Each is the secret, `+` (`=` in the last line), and a piece. */
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

  /** Takes a line without its secret. @returns the report, if the line is its last */
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
