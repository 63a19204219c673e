/**
 * Replies in order: a connection's jobs run in parallel, and end in any order; here their replies are
 * put into the one that the client was promised.
 */

import type { Order } from "../options.ts";
import type { LineObserver } from "../queueing/line_observer.ts";
import type { Run } from "../queueing/run.ts";

/** Decides when a reply is written. */
export interface ReplyOrder {
  /** Bytes of replies that wait for earlier ones. */
  readonly held: number;
  /** How many replies wait so. */
  readonly heldReplies: number;
  /** The earliest run with lines unanswered, where the order knows of one. */
  readonly first: Run | undefined;
  /** Further lines were accepted, in `run`, behind all others. */
  accepted(run: Run): void;
  /** The next lines of `run` are answered by `bytes`, valid during the call. */
  answered(run: Run, bytes: Uint8Array): void;
  /** Nothing behind the last answer of `run` is written any more. @returns lines whose replies were held */
  cut(run: Run): HeldLines;
}

/** Lines whose replies were held: those that the handler answered, and error replies. */
export interface HeldLines {
  answered: number;
  failed: number;
}

/** Takes replies whose turn it is. */
type Write = (bytes: Uint8Array) => void;

/** The order of this name, which calls `write` with replies whose turn it is, and tells an observer. */
export function replyOrder(order: Order, write: Write, observer?: LineObserver): ReplyOrder {
  return order === "completion"
    ? new CompletionOrder(write, observer)
    : new RequestOrder(write, observer);
}

/** The replies of all lines of a run that are answered have been handed on. */
function tellWritten(run: Run, observer: LineObserver): void {
  const { written, settled } = run;
  if (settled === written) return;
  run.written = settled;
  observer.written(run, written, settled);
}

/** Replies in the order of the requests: those that come too early are held. */
class RequestOrder implements ReplyOrder {
  held = 0;
  first: Run | undefined;
  readonly #write: Write;
  readonly #observer: LineObserver | undefined;
  #last: Run | undefined;

  constructor(write: Write, observer?: LineObserver) {
    this.#write = write;
    this.#observer = observer;
  }

  get heldReplies(): number {
    let replies = 0;
    for (let run = this.first?.next; run !== undefined; run = run.next) replies += run.settled;
    return replies;
  }

  accepted(run: Run): void {
    if (this.first === undefined) {
      this.first = this.#last = run;
      return;
    }
    let last = this.#last!;
    while (last.next !== undefined) last = last.next; // it may have been split meanwhile
    if (last !== run) last.next = run;
    this.#last = run;
  }

  answered(run: Run, bytes: Uint8Array): void {
    if (run === this.first) {
      this.#write(bytes);
      if (this.#observer !== undefined) tellWritten(run, this.#observer);
    } else if (bytes.length > 0) {
      run.replies.push(bytes.slice());
      this.held += bytes.length;
    }
    while (this.first?.done) {
      this.first = this.first.next;
      if (this.first === undefined) this.#last = undefined;
      else this.#release(this.first);
    }
  }

  cut(run: Run): HeldLines {
    const lines = { answered: 0, failed: 0 };
    for (let next = run.next; next !== undefined; next = next.next) {
      lines.answered += Math.max(0, next.settled - next.failed);
      lines.failed += next.failed;
      for (const { length } of next.replies.splice(0)) this.held -= length;
    }
    run.next = undefined;
    this.#last = this.first === undefined ? undefined : run;
    return lines;
  }

  #release(run: Run): void {
    for (const bytes of run.replies.splice(0)) {
      this.held -= bytes.length;
      this.#write(bytes);
    }
    if (this.#observer !== undefined) tellWritten(run, this.#observer);
  }
}

/** Each reply as soon as it is there. */
class CompletionOrder implements ReplyOrder {
  readonly held = 0;
  readonly heldReplies = 0;
  readonly first = undefined;
  readonly #write: Write;
  readonly #observer: LineObserver | undefined;

  constructor(write: Write, observer?: LineObserver) {
    this.#write = write;
    this.#observer = observer;
  }

  accepted(): void {}

  cut(): HeldLines {
    return { answered: 0, failed: 0 }; // it holds none
  }

  answered(run: Run, bytes: Uint8Array): void {
    this.#write(bytes);
    if (this.#observer !== undefined) tellWritten(run, this.#observer);
  }
}
