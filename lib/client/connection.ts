/**
 * Service handler of Acceptor-Connector, at the client's end: sends bytes whole and in order, receives bytes,
 * closes one side or both. It does not know what the bytes mean.
 */

import { setImmediate } from "node:timers";
import { reason } from "../reason.ts";
import type { Wire } from "./endpoint.ts";
import { ConnectionLostError } from "./errors.ts";

/** Most bytes read at once. */
export const CHUNK_BYTES = 65536;

/** A client's end of a connection to a line server. */
export class Connection {
  readonly #wire: Wire;
  readonly #name: string;
  #sent = Promise.resolve();
  #cut = false;
  #ended = false;
  #closed = false;

  /**
   * @param wire The connection, which this object owns from now on.
   * @param name The server, as messages name it.
   */
  constructor(wire: Wire, name: string) {
    this.#wire = wire;
    this.#name = name;
  }

  /** Whether the client has ended its side, and everything sent before that went out. */
  get complete(): boolean {
    return this.#ended && !this.#cut;
  }

  /**
   * Sends bytes after those sent before.
   *
   * @returns Whether they went out. If not, the connection is gone, and {@linkcode receive} says why.
   */
  send(bytes: Uint8Array): Promise<boolean> {
    this.#sent = this.#sent.then(() => this.#write(bytes)).catch(() => {
      this.#cut = true;
    });
    return this.#sent.then(() => !this.#cut);
  }

  /** Half-closes the connection, once everything is sent: nothing more will come from here. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#sent;
    await this.#wire.closeWrite().catch(() => {});
  }

  /**
   * Hands `take` what the server sends, chunk by chunk, until the server closes. The memory of a chunk is
   * used again once `take` is done.
   *
   * @throws {ConnectionLostError} The connection broke.
   */
  async receive(take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const count = await this.#wire.read(buffer).catch((cause) => {
        throw new ConnectionLostError(`The connection to ${this.#name} broke: ${reason(cause)}`, {
          cause,
        });
      });
      if (count === null) return;
      await take(buffer.subarray(0, count));
      // A read that finds bytes resolves without a turn of the event loop. So a server that floods would
      // keep timers, keys and other sockets waiting.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Closes both directions at once, if they are not closed yet. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wire.close();
  }

  /** Writes all the bytes: a single write may take only a part of them. */
  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#wire.write(rest));
  }
}
