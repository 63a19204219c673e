/**
 * The way out of one connection: replies that come in during one turn of the event loop, or while a
 * write is under way, leave in one write. Only the main isolate has it.
 */

import { Buffer } from "node:buffer";

/** Told of what happens to the bytes. */
export interface OutputListener {
  /** Bytes have left. */
  progressed(): void;
  /** The connection cannot be written to any more. */
  broke(error: unknown): void;
}

/** First room for replies, in bytes; a multiple is shared by many connections in one block of Buffer's. */
const FIRST_ROOM = 512;

/** Joined writes to one connection. */
export class Output {
  /** When bytes last left, or began to wait, by `performance.now()`. */
  movedAt = 0;
  readonly #conn: Deno.Conn;
  readonly #listener: OutputListener;
  #room: Uint8Array | undefined;
  #filled = 0;
  #leaving = 0;
  #busy = false;

  constructor(conn: Deno.Conn, listener: OutputListener) {
    this.#conn = conn;
    this.#listener = listener;
  }

  /** Bytes that have not left yet. */
  get size(): number {
    return this.#filled + this.#leaving;
  }

  /** Takes a copy of the bytes. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const filled = this.#filled + bytes.length;
    if (this.#room === undefined || filled > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(FIRST_ROOM, filled, 2 * this.#filled));
      if (this.#room !== undefined) room.set(this.#room.subarray(0, this.#filled));
      this.#room = room;
    }
    this.#room.set(bytes, this.#filled);
    this.#filled = filled;
    if (this.#busy) return;
    this.#busy = true;
    queueMicrotask(() => this.#leave());
  }

  async #leave(): Promise<void> {
    try {
      this.movedAt = performance.now();
      while (this.#filled > 0) {
        const bytes = this.#room!.subarray(0, this.#filled);
        this.#room = undefined;
        this.#filled = 0;
        this.#leaving = bytes.length;
        for (let left = 0; left < bytes.length; left = bytes.length - this.#leaving) {
          this.#leaving -= await this.#conn.write(left === 0 ? bytes : bytes.subarray(left));
          this.movedAt = performance.now();
        }
        this.#listener.progressed();
      }
    } catch (error) {
      return this.#listener.broke(error); // and stays busy: nothing is written any more
    }
    this.#busy = false;
    this.#listener.progressed();
  }
}
