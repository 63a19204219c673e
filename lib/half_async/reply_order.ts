/**
 * Replies in order: a connection's jobs run in parallel, and end in any order. Their replies are put into the
 * promised order here.
 */

import type { Order } from "../options.ts";
import type { LineObserver } from "../queueing/line_observer.ts";
import type { Run } from "../queueing/run.ts";

/** The replies of some lines. */
export interface Replies {
  bytes: Uint8Array;
  /** How many lines they answer, and how many of those got an error reply. */
  lines: number;
  failed: number;
}

/** Decides when a reply is written. */
export interface ReplyOrder {
  /** Bytes of replies that wait for earlier ones. */
  readonly held: number;
  /** Lines whose replies wait for earlier ones. */
  readonly heldLines: number;
  /** The earliest run with unanswered lines, if the order knows of one. */
  readonly first: Run | undefined;
  /** Further lines were accepted, in `run`, behind all others. */
  accepted(run: Run): void;
  /** The next lines of `run` are answered; the bytes are valid during the call. */
  answered(run: Run, replies: Replies): void;
  /** Writes nothing behind the next answer of `run`. @returns how many lines had a reply that was held */
  cut(run: Run | undefined): number;
}

const NONE: readonly Replies[] = [];

/** Takes replies whose turn it is. */
type Write = (replies: Replies) => void;

/** The order of this name: it calls `write` with replies whose turn it is, and tells an observer. */
export function replyOrder(order: Order, write: Write, observer?: LineObserver): ReplyOrder {
  return order === "completion"
    ? new CompletionOrder(write, observer)
    : new RequestOrder(write, observer);
}

/** Tells that all answered lines of a run have had their replies handed on. */
function tellWritten(run: Run, observer: LineObserver): void {
  const { written, settled } = run;
  if (settled === written) return;
  run.written = settled;
  observer.written(run, written, settled);
}

/** Replies in the order of the requests: those that come too early are held. */
class RequestOrder implements ReplyOrder {
  held = 0;
  heldLines = 0;
  first: Run | undefined;
  readonly #write: Write;
  readonly #observer: LineObserver | undefined;
  readonly #early = new Map<Run, Replies[]>();
  #last: Run | undefined;

  constructor(write: Write, observer?: LineObserver) {
    this.#write = write;
    this.#observer = observer;
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

  answered(run: Run, replies: Replies): void {
    if (run !== this.first) return this.#hold(run, replies);
    this.#write(replies);
    this.#told(run);
    while (this.first?.done) {
      const done: Run = this.first;
      this.first = done.next;
      done.next = undefined; // else a run in V8's old space would keep all runs behind it
      if (this.#last === done) this.#last = this.first; // it may have been split meanwhile
      if (this.first !== undefined) this.#handOn(this.first);
    }
  }

  cut(run: Run | undefined): number {
    if (run === undefined) return 0;
    const before = this.heldLines;
    for (let next = run.next; next !== undefined; next = next.next) this.#take(next);
    run.next = undefined;
    this.#last = this.first === undefined ? undefined : run;
    return before - this.heldLines;
  }

  /** It is the turn of a run: its held replies leave. */
  #handOn(run: Run): void {
    for (const replies of this.#take(run)) this.#write(replies);
    this.#told(run);
  }

  #told(run: Run): void {
    if (this.#observer !== undefined) tellWritten(run, this.#observer);
  }

  #hold(run: Run, { bytes, lines, failed }: Replies): void {
    const early = this.#early.get(run) ?? [];
    early.push({ bytes: bytes.slice(), lines, failed });
    this.#early.set(run, early);
    this.held += bytes.length;
    this.heldLines += lines;
  }

  /** Takes the held replies of a run. */
  #take(run: Run): readonly Replies[] {
    const early = this.#early.get(run);
    if (early === undefined) return NONE;
    this.#early.delete(run);
    for (const { bytes, lines } of early) {
      this.held -= bytes.length;
      this.heldLines -= lines;
    }
    return early;
  }
}

/** Each reply as soon as it is there. */
class CompletionOrder implements ReplyOrder {
  readonly held = 0;
  readonly heldLines = 0;
  readonly first = undefined;
  readonly #write: Write;
  readonly #observer: LineObserver | undefined;

  constructor(write: Write, observer?: LineObserver) {
    this.#write = write;
    this.#observer = observer;
  }

  accepted(): void {}

  answered(run: Run, replies: Replies): void {
    this.#write(replies);
    if (this.#observer !== undefined) tellWritten(run, this.#observer);
  }

  cut(): number {
    return 0;
  }
}
