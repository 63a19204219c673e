/** Test tool: a connection that is played from chunks. */

import type { Transport } from "../../lib/half_async/transport.ts";
import { bytesOf } from "../../scripts/tools/line_client.ts";

/** A connection whose client sends these chunks, and then closes its side or, if `silent`, nothing more. */
export class PlayedConn implements Transport {
  readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "10.0.0.1", port: 5 };
  readonly written: number[] = [];
  closed = false;
  readonly #chunks: Uint8Array[];
  readonly #silent: boolean;
  readonly #closing = Promise.withResolvers<never>();

  constructor(chunks: readonly string[], { silent = false } = {}) {
    this.#chunks = chunks.map(bytesOf);
    this.#silent = silent;
    this.#closing.promise.catch(() => {});
  }

  read(bytes: Uint8Array): Promise<number | null> {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return this.#silent ? this.#closing.promise : Promise.resolve(null);
    const count = Math.min(chunk.length, bytes.length);
    bytes.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#chunks.unshift(chunk.subarray(count));
    return Promise.resolve(count);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written.push(...bytes);
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#closing.reject(new Deno.errors.Interrupted("closed"));
  }
}

/** What is left to read, as a byte string. */
export async function restOf(conn: Transport, size = 64): Promise<string> {
  let text = "";
  for (const bytes = new Uint8Array(size);;) {
    const count = await conn.read(bytes);
    if (count === null) return text;
    text += String.fromCharCode(...bytes.subarray(0, count));
  }
}
