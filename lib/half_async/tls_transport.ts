/**
 * TLS as a stage in front of a connection that begins with a PROXY header: the header comes before the
 * handshake. Deno's own TLS listener lets nothing be read before; `node:tls` does. Only servers that need it
 * import it: it costs 0.2 s and 7 MB.
 */

import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import {
  createSecureContext,
  type SecureContext,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import type { TlsOptions } from "../options.ts";
import { inTime, noHandshake } from "./deadline.ts";
import { type Transport, writeAll } from "./transport.ts";

/** Bytes that are read at once: a TLS record holds 16 KiB. */
const READ_SIZE = 16 * 1024;

/** The server's side of TLS. @throws {Error} if the certificate and its key will not do */
export function tlsContext({ cert, key }: TlsOptions): SecureContext {
  return createSecureContext({ cert, key });
}

/**
 * Shakes hands.
 *
 * @returns what carries the text of the connection
 * @throws {Error} if that fails, or takes longer than 5 s
 */
export async function takeTls(conn: Transport, secureContext: SecureContext): Promise<Transport> {
  const transport = new TlsTransport(conn, secureContext);
  await inTime(transport.ready, { conn: transport, error: noHandshake() });
  return transport;
}

/** The connection below TLS, in the shape that `node:tls` wants. */
class Below extends Duplex {
  readonly #conn: Transport;
  readonly #ended: (error?: Error) => void;

  /** @param ended Called when no more bytes come. TLS is not told: it would take that for its own end */
  constructor(conn: Transport, ended: (error?: Error) => void) {
    super({ allowHalfOpen: true });
    this.#conn = conn;
    this.#ended = ended;
  }

  override _read(): void {
    const bytes = new Uint8Array(READ_SIZE);
    this.#conn.read(bytes).then(
      (count) => count === null ? this.#ended() : this.push(bytes.subarray(0, count)),
      (error) => this.#ended(error),
    );
  }

  override _write(bytes: Uint8Array, _: string, done: (error?: Error) => void): void {
    writeAll(this.#conn, bytes).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#conn.closeWrite().then(() => done(), done);
  }
}

/** The connection above TLS, in the shape of a Deno connection. */
class TlsTransport implements Transport {
  readonly remoteAddr: Deno.Addr;
  readonly #conn: Transport;
  readonly #socket: TLSSocket;
  readonly #secure = Promise.withResolvers<void>();
  /** The read that waits, and the write that waits. */
  #reading: PromiseWithResolvers<void> | undefined;
  #writing: PromiseWithResolvers<void> | undefined;
  /** The client has said that its text ends. */
  #atEnd = false;
  /** No further byte comes. */
  #cut = false;
  #error: Error | undefined;

  constructor(conn: Transport, secureContext: SecureContext) {
    this.#conn = conn;
    this.remoteAddr = conn.remoteAddr;
    const options = { isServer: true, secureContext, allowHalfOpen: true };
    const below = new Below(conn, (error) => {
      if (error !== undefined) return this.#fail(error);
      this.#cut = true;
      this.#reading?.resolve();
      this.#secure.reject(new Deno.errors.UnexpectedEof("it ended within its TLS handshake"));
    });
    this.#socket = new TLSSocket(below, options as TLSSocketOptions)
      .once("secure", () => this.#secure.resolve())
      .on("readable", () => this.#reading?.resolve())
      .on("end", () => {
        this.#atEnd = true;
        this.#reading?.resolve();
      })
      .on("error", (error) => this.#fail(error))
      .on("close", () => this.#fail(new Deno.errors.Interrupted("the connection is closed")));
  }

  /** Resolves when the handshake is done. */
  get ready(): Promise<void> {
    return this.#secure.promise;
  }

  async read(bytes: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = Math.min(bytes.length, this.#socket.readableLength);
      const chunk: Buffer | null = this.#socket.read(count);
      if (chunk !== null) {
        bytes.set(chunk);
        return chunk.length;
      }
      if (this.#atEnd) return null;
      if (this.#error !== undefined) throw this.#error;
      if (this.#cut) await this.#lookForEnd();
      else await (this.#reading = Promise.withResolvers()).promise;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#leave((done) => this.#socket.write(bytes, done));
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return this.#leave((done) => this.#socket.end(done));
  }

  close(): void {
    this.#socket.destroy();
    this.#conn.close();
  }

  /** Nothing more can be read or written, for this reason or an earlier one. */
  #fail(error: Error): void {
    this.#error ??= error;
    this.#secure.reject(this.#error);
    this.#reading?.resolve();
    this.#writing?.reject(this.#error);
    this.#socket.destroy();
  }

  /** Looks whether TLS's own end has come. A connection cut off without it may have lost text. */
  async #lookForEnd(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // the event of the end is one turn away
    if (this.#atEnd || this.#socket.readableLength > 0) return;
    this.#fail(new Deno.errors.UnexpectedEof("the connection was cut off without TLS's end"));
  }

  /**
   * Starts a write or the end; resolves when it has left, and rejects if the connection is closed meanwhile.
   */
  async #leave(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    const writing = this.#writing = Promise.withResolvers<void>();
    start((error) => error ? writing.reject(error) : writing.resolve());
    await writing.promise;
    this.#writing = undefined;
  }
}
