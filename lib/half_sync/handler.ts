/** What a handler is: the job of the half-sync layer, as its author writes it. */

/** What a handler is told beside the line. */
export interface HandlerContext {
  /** ID of the worker that runs the job: 1…N, fixed for the life of the server. */
  readonly workerId: number;
}

/**
 * A job: plain, synchronous code that may block. `undefined` means that the line gets no reply line; a
 * Promise is awaited, and its worker waits with it; what it throws becomes `ERR <message>`.
 *
 * @example The default export of a handler module
 * ```ts
 * export default (line: string): string => line.toUpperCase();
 * ```
 */
export type Handler = (
  line: string,
  context: HandlerContext,
) => string | undefined | Promise<string | undefined>;
