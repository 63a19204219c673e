/** What is noted of one connection while it lasts, and the events that tell of it. */

import type { CloseReason, EventListener } from "./events.ts";

/** One connection's account. */
export class ConnectionRecord {
  /** Lines taken, and how many of them were answered by an `ERR` reply. */
  lines = 0;
  failed = 0;
  /** Lines given up, because the connection ended before their replies. */
  gone = 0;
  /** The client's name. */
  readonly peer: string;
  readonly #onEvent: EventListener;
  readonly #openedAt = performance.now();
  /** Error replies that have been told. */
  #told = 0;
  #reason: CloseReason | undefined;

  /** @param peer The client's name */
  constructor(peer: string, onEvent: EventListener) {
    this.peer = peer;
    this.#onEvent = onEvent;
  }

  /** Why it is about to end; only the first reason counts. @returns whether this is the first */
  ends(reason: CloseReason): boolean {
    if (this.#reason !== undefined) return false;
    this.#reason = reason;
    return true;
  }

  /** It broke, or the server broke it off, with so many lines unanswered. */
  lost(reason: string, unanswered: number): void {
    this.gone += unanswered;
    if (this.#reason !== "stop") this.#reason = "lost";
    const peer = this.peer;
    this.#onEvent({ type: "connection_lost", peer, reason, unanswered });
  }

  /** The server closes it, because the client was silent, or did not read, for so many seconds. */
  timedOut(reason: "idle timeout" | "write timeout", seconds: number, unanswered: number): void {
    this.gone += unanswered;
    this.#reason = reason;
    const peer = this.peer;
    this.#onEvent({ type: "connection_timed_out", peer, reason, seconds, unanswered });
  }

  /** So many of its lines have passed the limit in bytes. */
  tooLong(limit: number, times: number): void {
    this.#onEvent({ type: "line_too_long", peer: this.peer, limit, times });
  }

  /** Tells of the error replies since it last did. */
  reportFailures(): void {
    const times = this.failed - this.#told;
    if (times <= 0) return; // it falls when answered lines are given up
    this.#told = this.failed;
    this.#onEvent({ type: "lines_failed", peer: this.peer, times });
  }

  /** It has ended; so many bytes came in and went out. */
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
