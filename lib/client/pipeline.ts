/**
 * The pipeline of one connection: lines asked during one turn of the event loop, or while a write is under
 * way, leave in one write. Replies go to their callers, in order.
 */

import { setImmediate } from "node:timers";
import { quote } from "../option_kinds.ts";
import { decode, encode } from "../half_sync/memory/text.ts";
import type { Connection } from "./connection.ts";
import { DueReply } from "./due_reply.ts";
import { ConnectionLostError, ERR, ReplyError, TimeoutError } from "./errors.ts";
import { ReplyFramer } from "./reply_framer.ts";
import { Silence } from "./silence.ts";

/** With this many code units of unsent lines, no further lines are sent ahead. */
const MOST_UNSENT = 256 * 1024;

/** With more bytes of untaken replies than this, nothing is read unless a caller waits. */
const MOST_HELD = 1024 * 1024;

/** Options of a {@linkcode Pipeline}. */
export interface PipelineOptions {
  /** The server's name in messages. */
  name: string;
  /** Seconds that the next reply may take; 0 for ever. */
  timeout: number;
  /** Longest reply, in bytes. */
  maxReply: number;
  /** Whether a reply that begins with `ERR ` is thrown, or returned like any other. */
  errReply: "throw" | "return";
}

/** Asks lines on one connection. */
export class Pipeline {
  readonly #connection: Connection;
  readonly #options: PipelineOptions;
  readonly #framer: ReplyFramer;
  readonly #silence: Silence;
  /** The first and the last reply due. */
  #first: DueReply | undefined;
  #last: DueReply | undefined;
  #unsent = "";
  #sending = false;
  #sent = Promise.withResolvers<void>();
  /** Callers that wait, and bytes of replies that have not been taken. */
  #waiting = 0;
  #held = 0;
  #resumed: PromiseWithResolvers<void> | undefined;
  /** Why nothing more can be asked. */
  #gone: Error | undefined;
  readonly #shut = Promise.withResolvers<void>();
  #ending = false;
  #halfClosed = false;

  constructor(connection: Connection, options: PipelineOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#framer = new ReplyFramer(options.maxReply);
    const { name, timeout } = options;
    this.#silence = new Silence(timeout, () => {
      this.abort(new TimeoutError(`${name} did not reply within ${timeout} s`));
    });
    void this.#receive();
  }

  /** Settles when the connection is closed; never rejects. */
  get closed(): Promise<void> {
    return this.#shut.promise;
  }

  /**
   * Sends a line; its reply is due from now on.
   *
   * @param line The line without its end.
   * @param options `ahead`: it is one of many, and waits for the end of the event loop's turn so that they leave
   * together. Measured: two to three times as many lines a second.
   * @throws {TypeError} It is not a text, or holds a line end. Nothing is sent.
   * @throws {ConnectionLostError} The connection is gone, or was ended.
   */
  send(line: string, { ahead = false }: { ahead?: boolean } = {}): DueReply {
    if (typeof line !== "string" || /[\r\n]/.test(line)) {
      throw new TypeError(`The line is ${quote(line)}; it must be a text without a line end`);
    }
    const { name } = this.#options;
    if (this.#gone) throw lost(`cannot ask ${name}: ${this.#gone.message}`, this.#gone);
    if (this.#ending) throw new ConnectionLostError(`cannot ask ${name}: this client has ended`);
    this.#unsent += `${line}\n`;
    if (!this.#sending) {
      this.#sending = true;
      const flush = () => void this.#flush();
      if (ahead) setImmediate(flush);
      else queueMicrotask(flush);
    }
    return this.expect();
  }

  /** One more reply is due, for a line or as part of the greeting. */
  expect(): DueReply {
    const reply = new DueReply({
      waiting: (change) => this.#account(change, 0),
      held: (change) => this.#account(0, change),
    });
    if (this.#last) this.#last.next = reply;
    else {
      this.#first = reply;
      this.#silence.begin();
    }
    this.#last = reply;
    return reply;
  }

  /** Waits until further lines may be sent ahead. */
  async writable(): Promise<void> {
    while (this.#unsent.length >= MOST_UNSENT && !this.#gone) await this.#sent.promise;
  }

  /** Half-closes, and closes when no reply is due any more. Resolves then; never rejects. */
  async end(): Promise<void> {
    if (!this.#gone && !this.#ending) {
      this.#ending = true;
      this.#silence.begin(); // the half-close must not take for ever, either
      if (!this.#sending) void this.#halfClose();
    }
    await this.#shut.promise;
  }

  /** Closes at once; all replies still due fail with this error. */
  abort(error: Error): void {
    if (this.#gone) return;
    this.#gone = error;
    const others = error instanceof TimeoutError ? lost(error.message, error) : error;
    let first = true;
    for (let due = this.#first; due; due = due.next, first = false) {
      due.settle({ error: first ? error : others });
    }
    this.#closed();
  }

  async #halfClose(): Promise<void> {
    await this.#connection.end();
    this.#halfClosed = true;
    if (this.#first === undefined) this.#closed();
  }

  #closed(): void {
    this.#gone ??= new ConnectionLostError("this client has ended");
    this.#first = this.#last = undefined;
    this.#unsent = "";
    this.#silence.end();
    this.#connection.close();
    this.#sent.resolve();
    this.#resumed?.resolve();
    this.#shut.resolve();
  }

  async #flush(): Promise<void> {
    while (this.#unsent !== "") {
      const bytes = encode(this.#unsent);
      this.#unsent = "";
      if (!await this.#connection.send(bytes)) return; // reading tells why
      this.#sent.resolve();
      this.#sent = Promise.withResolvers();
    }
    this.#sending = false;
    if (this.#ending) void this.#halfClose();
  }

  async #receive(): Promise<void> {
    const { name } = this.#options;
    try {
      await this.#connection.receive((chunk) => this.#take(chunk));
      const when = this.#first ? " before the reply" : "";
      this.abort(new ConnectionLostError(`${name} closed the connection${when}`));
    } catch (error) {
      this.abort(error as Error); // the connection broke; if it was closed here, this does nothing
    }
  }

  #take(chunk: Uint8Array): Promise<void> | undefined {
    let replies = 0;
    for (const bytes of this.#framer.push(chunk)) {
      const due = this.#first;
      if (due === undefined) {
        this.abort(this.#unasked(bytes));
        return undefined;
      }
      replies++;
      this.#first = due.next;
      if (this.#first === undefined) this.#last = undefined;
      due.settle(this.#outcome(bytes), bytes?.length);
    }
    if (this.#first === undefined && this.#halfClosed) this.#closed();
    else if (replies > 0) this.#watch();
    return this.#pause();
  }

  #outcome(bytes: string | undefined): { reply: string } | { error: Error } {
    const { name, maxReply, errReply } = this.#options;
    if (bytes === undefined) {
      return { error: new RangeError(`The reply of ${name} is longer than ${maxReply} bytes`) };
    }
    const reply = decode(bytes);
    const failed = errReply === "throw" && reply.startsWith(ERR);
    return failed ? { error: new ReplyError(reply) } : { reply };
  }

  #unasked(bytes: string | undefined): Error {
    const what = bytes === undefined ? "a long line" : quote(decode(bytes));
    return new ConnectionLostError(`${this.#options.name} sent ${what} unasked`);
  }

  /** Begins to time the next reply or the half-close, if either is due. */
  #watch(): void {
    if (this.#gone) return;
    if (this.#first || this.#ending) this.#silence.begin();
    else this.#silence.pause();
  }

  /** Stops reading while many replies are kept and no caller waits: TCP then slows the server down. */
  async #pause(): Promise<void> {
    while (this.#held > MOST_HELD && this.#waiting === 0 && !this.#gone) {
      this.#silence.pause();
      this.#resumed = Promise.withResolvers();
      await this.#resumed.promise;
      this.#watch();
    }
  }

  #account(waiting: number, held: number): void {
    this.#waiting += waiting;
    this.#held += held;
    if (this.#waiting > 0 || this.#held <= MOST_HELD) this.#resumed?.resolve();
  }
}

function lost(message: string, cause: Error): ConnectionLostError {
  return new ConnectionLostError(message, { cause });
}
