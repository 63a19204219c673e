/**
 * The socket side of a line client: sends bytes, takes replies, knows whether the server closed in
 * time, and how long each reply took.
 */

import { reason } from "../reason.ts";
import type { Wire } from "./endpoint.ts";
import { Failure } from "./failure.ts";

/** Bytes read at once. */
export const CHUNK_BYTES = 65536;

const LF = 10;
const CR = 13;

/** Writes bytes whole: a write may take a part of them. */
export async function writeAll(to: Pick<Wire, "write">, bytes: Uint8Array): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await to.write(bytes));
}

/** A client's end of a connection to a line server. */
export class LineClient {
  readonly #conn: Wire;
  readonly #name: string;
  #sent = Promise.resolve();
  #ended = false;
  #cut = false;

  /**
   * @param conn The connection, which this object owns from now on.
   * @param name The server, as messages name it.
   */
  constructor(conn: Wire, name: string) {
    this.#conn = conn;
    this.#name = name;
  }

  /**
   * Sends bytes after those sent before.
   *
   * @returns Whether they went out; where the connection is gone {@linkcode receive} says why.
   */
  send(bytes: Uint8Array): Promise<boolean> {
    this.#sent = this.#sent.then(() => writeAll(this.#conn, bytes)).catch(() => {
      this.#cut = true;
    });
    return this.#sent.then(() => !this.#cut);
  }

  /** Says that nothing more will be sent: the half-close, once all is sent. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#sent;
    await this.#conn.closeWrite().catch(() => {});
  }

  /**
   * Hands what the server sends to `take`, one chunk after the other, until the server closes. A
   * chunk is overwritten once `take` is done with it.
   *
   * @throws {Failure} The server closed before {@linkcode end}, or reset the connection.
   */
  async receive(take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const count = await this.#conn.read(buffer).catch((error) => {
        throw new Failure(`The connection to ${this.#name} broke: ${reason(error)}`);
      });
      if (count === null) break;
      await take(buffer.subarray(0, count));
    }
    // Bytes that the server did not take are lost even after the end.
    if (this.#ended && !this.#cut) return;
    throw new Failure(`${this.#name} closed the connection before the end of the input`);
  }

  /** Closes both directions at once. */
  close(): void {
    this.#conn.close();
  }
}

/** Cuts chunks of bytes into lines that end with `\n`, which is left out. */
export class LineSplitter {
  #rest: Uint8Array[] = [];

  /** The lines that a chunk completes; they stay as they are when the chunk is overwritten. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#rest.push(chunk.slice(start, end));
      start = end + 1;
      yield this.end();
    }
    if (start < chunk.length) this.#rest.push(chunk.slice(start));
  }

  /** What came after the last line end. */
  end(): Uint8Array {
    const parts = this.#rest;
    this.#rest = [];
    return parts.length === 1 ? parts[0] : join(parts);
  }
}

/** Measures how long replies take, which come in the order of their lines. */
export class Stopwatch {
  /** Runs of lines that were sent together, oldest first. */
  #waiting: { lines: number; sentAt: number }[] = [];
  #afterCr = false;
  #inLine = false;

  /** Notes the lines whose ends (`\n`, `\r`, `\r\n`) are in these bytes as sent now. */
  sent(bytes: Uint8Array): void {
    let lines = 0;
    for (const byte of bytes) {
      const isEnd = byte === CR || byte === LF && !this.#afterCr;
      if (isEnd) lines++;
      this.#inLine = byte !== CR && byte !== LF;
      this.#afterCr = byte === CR;
    }
    if (lines > 0) this.#waiting.push({ lines, sentAt: performance.now() });
  }

  /** Notes the end of what is sent, which ends a last line too. */
  ended(): void {
    if (this.#inLine) this.#waiting.push({ lines: 1, sentAt: performance.now() });
  }

  /** Milliseconds that the next reply took; `undefined` where no line is unanswered. */
  answered(): number | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    first.lines -= 1;
    if (first.lines === 0) this.#waiting.shift();
    return performance.now() - first.sentAt;
  }
}

/** Several arrays of bytes as one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
