/**
 * The PROXY header as a stage in front of a connection: it is read and taken off. From then on the connection
 * has the client's address, not the proxy's.
 */

import { DEADLINE, inTime } from "./deadline.ts";
import { MAX_PROXY_HEADER, parseProxyHeader, ProxyHeaderError } from "./proxy_header.ts";
import type { Transport } from "./transport.ts";

/**
 * Takes the PROXY header off.
 *
 * @returns the connection of the client that the header names
 * @throws {ProxyHeaderError} if there is none, or it is not complete within `deadline` milliseconds
 */
export function takeProxyHeader(conn: Transport, deadline = DEADLINE): Promise<Transport> {
  const error = new ProxyHeaderError(`it sent no whole PROXY header within ${deadline / 1000} s`);
  return inTime(readHeader(conn), { conn, error, after: deadline });
}

async function readHeader(conn: Transport): Promise<Transport> {
  const bytes = new Uint8Array(MAX_PROXY_HEADER);
  for (let length = 0;;) {
    // The buffer is never full here: the parser refuses what fills it and is no header.
    const count = await conn.read(bytes.subarray(length));
    if (count === null) {
      throw new ProxyHeaderError(
        `it ended ${length === 0 ? "without a" : "within its"} PROXY header`,
      );
    }
    length += count;
    const header = parseProxyHeader(bytes.subarray(0, length));
    if (header === undefined) continue;
    return new ProxiedTransport(conn, bytes.slice(header.length, length), header.client);
  }
}

/** A connection whose header is off. */
class ProxiedTransport implements Transport {
  readonly remoteAddr: Deno.Addr;
  readonly #conn: Transport;
  /** What came behind the header in the same packet. */
  #rest: Uint8Array | undefined;

  constructor(conn: Transport, rest: Uint8Array, client: Deno.Addr = conn.remoteAddr) {
    this.#conn = conn;
    this.#rest = rest.length === 0 ? undefined : rest;
    this.remoteAddr = client;
  }

  read(bytes: Uint8Array): Promise<number | null> {
    if (this.#rest === undefined) return this.#conn.read(bytes);
    const count = Math.min(bytes.length, this.#rest.length);
    bytes.set(this.#rest.subarray(0, count));
    this.#rest = count < this.#rest.length ? this.#rest.subarray(count) : undefined;
    return Promise.resolve(count);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}
