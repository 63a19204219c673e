/** What a handler is: the job of the half-sync layer, and what its module may export beside it. */

import type { ServeOptions } from "../options.ts";

/** What a handler is told beside the line, and may do with the connection that the line came from. */
export interface HandlerContext<Session = unknown> {
  /** ID of the worker that runs the job: 1…N in its process, the same for the life of the server. */
  readonly workerId: number;
  /** The connection: a text without spaces that no other connection of this service has. */
  readonly connectionId: string;
  /** The client's address; behind `--proxy-protocol` the one that the proxy names. */
  readonly remoteAddr: Deno.Addr;
  /** The words after `--` on the command line; of the library, `handlerArgs`. */
  readonly args: readonly string[];
  /**
   * In `pinned` order, the connection's own: what a job puts here, its later jobs find here; `undefined` at
   * first. In any other order it is always `undefined`, and to set it throws an `Error`.
   */
  session: Session | undefined;
  /**
   * Closes the connection behind this job's reply: lines accepted before this one get their replies, later
   * ones are given up. After the end of the job it has no effect, and the log says so.
   */
  end(): void;
}

/** One line, as many lines as the array has, or none. A reply's lines hold no line end. */
export type Reply = string | readonly string[] | undefined;

/**
 * A job: plain, synchronous code that may block. A Promise is awaited, and the worker waits with it. What it
 * throws becomes `ERR <message>`.
 *
 * @example The default export of a handler module
 * ```ts
 * export default (line: string): string => line.toUpperCase();
 * ```
 *
 * @example A line protocol that counts, and hangs up
 * ```ts
 * import type { Handler } from "../mod.ts";
 *
 * const count: Handler<number> = (line, context) => {
 *   context.session = (context.session ?? 0) + 1;
 *   if (line === "quit") context.end();
 *   return [`line ${context.session}`, "."];
 * };
 * export default count;
 * ```
 */
export type Handler<Session = unknown> = (
  line: string,
  context: HandlerContext<Session>,
) => Reply | Promise<Reply>;

/** The first job of each connection: what it returns is the greeting. No line of it runs before. */
export type OpenHook<Session = unknown> = (
  context: HandlerContext<Session>,
) => Reply | Promise<Reply>;

/** A connection is gone. In `pinned` order only, once at the most, and not if its worker was lost. */
export type CloseHook<Session = unknown> = (
  context: HandlerContext<Session>,
) => void | Promise<void>;

/** Its worker has no line left, and is about to end. */
export type DisposeHook = () => void | Promise<void>;

/** Options that a handler is made for; what the user says wins. */
export type HandlerDefaults = Readonly<
  Pick<
    ServeOptions,
    "order" | "newline" | "telnet" | "refuseHttp" | "replies" | "maxLine" | "idleTimeout"
  >
>;

/** A handler's module. */
export interface HandlerModule<Session = unknown> {
  /** Answers each line. */
  readonly default: Handler<Session>;
  /** Runs before the first line of each connection; what it returns is the greeting. */
  readonly open?: OpenHook<Session>;
  /** Hears of a connection's end, in the order `pinned`. */
  readonly close?: CloseHook<Session>;
  /** Runs when its worker has no line left and is about to end. */
  readonly dispose?: DisposeHook;
  /** Options that it is made for. */
  readonly defaults?: HandlerDefaults;
}
