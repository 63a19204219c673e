/**
 * The client of the library: a program uses it to ask a line server that gives one reply line for each line,
 * in order.
 */

import { askAll, type Lines } from "./ask_all.ts";
import { Connection } from "./connection.ts";
import { connectTo } from "./connector.ts";
import { toEndpoint } from "./endpoint.ts";
import { ConnectionLostError } from "./errors.ts";
import { checkConnectOption, type ConnectOptions, resolveConnect } from "./options.ts";
import { Pipeline } from "./pipeline.ts";

/** What {@linkcode AskAllOptions.window} may be. */
const WINDOW = { kind: "integer", min: 1, max: 65536, default: 256, help: "lines ahead" } as const;

/** Options of {@linkcode Client.askAll}. */
export interface AskAllOptions {
  /** Most lines that are sent before their replies are taken. @default {256} */
  window?: number;
}

/**
 * A connection to a line server, made by {@linkcode connect}. It keeps the program alive until it is ended or
 * closed.
 */
export interface Client extends AsyncDisposable {
  /** The lines with which the server greeted the client. */
  readonly greeting: readonly string[];

  /**
   * Asks one line. Calls made at the same time share the connection: their lines leave together, and none
   * waits for another's reply.
   *
   * Bytes that are not UTF-8 appear in a reply as lone surrogates, U+DC80 to U+DCFF. In a line, those become
   * the same bytes again, as in Python's `surrogateescape` (PEP 383).
   *
   * @param line The line without its end.
   * @returns its reply, without the `\n` or `\r\n` that ended it
   * @throws {TypeError} if the line holds a `\r` or a `\n`; nothing is sent then
   * @throws {ReplyError} if the reply begins with `ERR ` (but see `errReply`); the client goes on
   * @throws {RangeError} if the reply is longer than `maxReply`; the client goes on
   * @throws {TimeoutError} if the reply was the next one due, and did not come within `timeout`; the client is
   * closed
   * @throws {ConnectionLostError} if the connection is gone, whether the line was sent or not
   */
  ask(line: string): Promise<string>;

  /**
   * Asks many lines, and yields their replies in order. A window of lines is sent ahead; if no replies are
   * taken, server and source have to wait. If you leave the loop early, no further line is sent, and replies
   * still due are dropped.
   *
   * @example Ask a hundred lines
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { connect, serve } from "../mod.ts";
   *
   * await using server = await serve({ port: 0, workers: 1 });
   * const { port } = server.addr as Deno.NetAddr;
   * await using client = await connect({ port });
   * const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
   * const replies: string[] = [];
   * for await (const reply of client.askAll(lines)) replies.push(reply);
   * assertEquals(replies.at(-1), "1 line 99");
   * ```
   *
   * @param lines Any iterable: an array, a generator, a stream of lines.
   * @throws what {@linkcode ask} throws, or what `lines` throws, in place of the reply
   */
  askAll(lines: Lines, options?: AskAllOptions): AsyncGenerator<string, void, void>;

  /**
   * Half-closes the connection, and closes it when all replies still due have come. No further line can be
   * asked. `await using` does the same.
   *
   * @returns a promise that resolves when the connection is closed; it never rejects
   */
  end(): Promise<void>;

  /** Closes the connection at once; asks still pending reject with a {@linkcode ConnectionLostError}. */
  close(): void;
}

/**
 * Connects to a line server.
 *
 * @example Ask a line, and another one that fails
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { connect, ReplyError, serve } from "../mod.ts";
 *
 * const handler = new URL('data:text/javascript,export default (line) => JSON.parse(line).name');
 * await using server = await serve({ port: 0, workers: 1, handler });
 * const { port } = server.addr as Deno.NetAddr;
 *
 * await using client = await connect({ port, timeout: 5 });
 * assertEquals(await client.ask('{"name":"Ada"}'), "Ada");
 * await assertRejects(() => client.ask("{"), ReplyError);
 * ```
 *
 * @param options Every one may be left out.
 * @returns the client, once the server's greeting has come
 * @throws {TypeError} if an option is unknown, of the wrong type, or contradicts another
 * @throws {RangeError} if an option's value is out of its range
 * @throws {ConnectError} if no connection can be made
 * @throws {TimeoutError} if the connection, or a line of the greeting, takes longer than `timeout`
 * @throws {ReplyError} if a line of the greeting begins with `ERR ` (but see `errReply`)
 * @throws {ConnectionLostError} if the server closes before the end of its greeting
 * @throws the reason of `signal`, if it aborts meanwhile
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const settings = resolveConnect(options);
  const { signal, timeout } = settings;
  const endpoint = toEndpoint(settings);
  const { name } = endpoint;
  const wire = await connectTo(endpoint, { signal, timeout });
  const pipeline = new Pipeline(new Connection(wire, name), { ...settings, name });
  const abort = () => pipeline.abort(toError(signal?.reason));
  signal?.addEventListener("abort", abort);
  void pipeline.closed.then(() => signal?.removeEventListener("abort", abort));
  try {
    return new LineClient(pipeline, await readGreeting(pipeline, settings.greeting));
  } catch (error) {
    pipeline.abort(toError(error));
    throw error;
  }
}

async function readGreeting(pipeline: Pipeline, lines: number): Promise<string[]> {
  const due = Array.from({ length: lines }, () => pipeline.expect().take());
  return await Promise.all(due);
}

/** An error, whatever was given as a reason. */
function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new ConnectionLostError(String(reason));
}

/** The client of {@linkcode connect}. */
class LineClient implements Client {
  readonly greeting: readonly string[];
  readonly #pipeline: Pipeline;

  constructor(pipeline: Pipeline, greeting: readonly string[]) {
    this.#pipeline = pipeline;
    this.greeting = greeting;
  }

  // deno-lint-ignore require-await -- makes what `send` throws a rejection
  async ask(line: string): Promise<string> {
    return this.#pipeline.send(line).take();
  }

  askAll(lines: Lines, { window = WINDOW.default }: AskAllOptions = {}) {
    checkConnectOption("window", { row: WINDOW, value: window });
    return askAll(this.#pipeline, { lines, size: window });
  }

  end(): Promise<void> {
    return this.#pipeline.end();
  }

  close(): void {
    this.#pipeline.abort(new ConnectionLostError("this client was closed"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
