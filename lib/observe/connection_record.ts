/** The record of one connection: counts its lines while it lasts, and makes the events about it. */

import type { CloseReason, EventListener } from "./events.ts";

/** One connection's record. */
export class ConnectionRecord {
  /** Lines taken. */
  lines = 0;
  /** Of those, lines that got an `ERR` reply. */
  failed = 0;
  /** Of those, lines given up because the connection ended first. */
  gone = 0;
  /** The client's name. */
  readonly peer: string;
  readonly #onEvent: EventListener;
  readonly #openedAt = performance.now();
  /** Error replies reported so far. */
  #reported = 0;
  #reason: CloseReason | undefined;

  constructor(peer: string, onEvent: EventListener) {
    this.peer = peer;
    this.#onEvent = onEvent;
  }

  /** Notes why it is about to end; only the first reason counts. @returns whether this is the first */
  ends(reason: CloseReason): boolean {
    if (this.#reason !== undefined) return false;
    this.#reason = reason;
    return true;
  }

  /** It broke, or the server broke it off; `unanswered` lines are given up. */
  lost(reason: string, unanswered: number): void {
    this.gone += unanswered;
    if (this.#reason !== "stop") this.#reason = "lost";
    const peer = this.peer;
    this.#onEvent({ type: "connection_lost", peer, reason, unanswered });
  }

  /** The server closes it, because the client sent nothing, or read nothing, for `seconds`. */
  timedOut(reason: "idle timeout" | "write timeout", seconds: number, unanswered: number): void {
    this.gone += unanswered;
    this.#reason = reason;
    const peer = this.peer;
    this.#onEvent({ type: "connection_timed_out", peer, reason, seconds, unanswered });
  }

  /** `times` of its lines have passed the limit, which is in bytes. */
  tooLong(limit: number, times: number): void {
    this.#onEvent({ type: "line_too_long", peer: this.peer, limit, times });
  }

  /** Reports the error replies since the last report. */
  reportFailures(): void {
    const times = this.failed - this.#reported;
    if (times === 0) return;
    this.#reported = this.failed;
    this.#onEvent({ type: "lines_failed", peer: this.peer, times });
  }

  /** It has ended; `received` and `sent` are in bytes. */
  closed(received: number, sent: number): void {
    this.reportFailures();
    this.#onEvent({
      type: "connection_closed",
      peer: this.peer,
      lines: this.lines,
      failed: this.failed,
      gone: this.gone,
      received,
      sent,
      duration: Math.round(performance.now() - this.#openedAt) / 1000,
      reason: this.#reason ?? "lost",
    });
  }
}
