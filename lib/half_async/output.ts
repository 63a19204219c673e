/**
 * The way out of one connection: replies that come in one turn of the event loop, or during a write, leave in
 * one write.
 */

import type { Buffer } from "node:buffer";
import { Activity } from "./activity.ts";
import { giveBuffer, roundUp, takeBuffer } from "./buffer_stock.ts";
import type { Transport } from "./transport.ts";

/** Told of what happens to the bytes. */
export interface OutputListener {
  /** Bytes have left. */
  progressed(): void;
  /** The connection cannot be written to any more. */
  broke(error: unknown): void;
}

/** Smallest buffer for replies, in bytes. */
const MIN_ROOM = 512;

/**
 * Largest buffer that is taken because the last write was as long, in bytes: one long reply must not cost the
 * next ones memory.
 */
const MAX_GUESS = 128 * 1024;

/** Joined writes to one connection. */
export class Output {
  /** Bytes that leave, or start to wait. */
  readonly activity = new Activity();
  readonly #conn: Transport;
  readonly #listener: OutputListener;
  #room: Buffer | undefined;
  #filled = 0;
  /** Bytes of the last write; the next is likely to be as long. */
  #last = 0;
  #leaving = 0;
  /** Bytes that have left so far. */
  sent = 0;
  #busy = false;
  #ending = false;

  constructor(conn: Transport, listener: OutputListener) {
    this.#conn = conn;
    this.#listener = listener;
  }

  /** Bytes that have not left yet. */
  get size(): number {
    return this.#filled + this.#leaving;
  }

  /** Whether anything was ever written. */
  get used(): boolean {
    return this.#last > 0;
  }

  /** Whether something waits for the client to read: bytes, or the half-close behind them. */
  get waits(): boolean {
    return this.size > 0 || this.#ending;
  }

  /**
   * Half-closes: nothing more will be written, and nothing may be left. With TLS it takes until the client
   * has read what came before.
   *
   * @throws {Error} if the client was faster, or the connection is closed meanwhile
   */
  async end(): Promise<void> {
    this.#ending = true;
    this.activity.note();
    try {
      await this.#conn.closeWrite();
    } finally {
      this.#ending = false;
    }
  }

  /** Takes a copy of the bytes. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const filled = this.#filled + bytes.length;
    if (this.#room === undefined || filled > this.#room.length) {
      const wanted = Math.max(MIN_ROOM, filled, 2 * this.#filled, this.#last);
      const room = takeBuffer(roundUp(wanted));
      if (this.#room !== undefined) {
        room.set(this.#room.subarray(0, this.#filled));
        giveBuffer(this.#room);
      }
      this.#room = room;
    }
    this.#room.set(bytes, this.#filled);
    this.#filled = filled;
    if (this.#busy) return;
    this.#busy = true;
    void this.#leave();
  }

  async #leave(): Promise<void> {
    await null; // the other replies of this turn leave with this one
    try {
      this.activity.note();
      while (this.#filled > 0) {
        const room = this.#room!;
        const bytes = new Uint8Array(room.buffer, 0, this.#filled);
        this.#room = undefined;
        this.#filled = 0;
        this.#leaving = bytes.length;
        this.#last = Math.min(bytes.length, MAX_GUESS);
        for (let left = 0; left < bytes.length; left = bytes.length - this.#leaving) {
          const count = await this.#conn.write(left === 0 ? bytes : bytes.subarray(left));
          this.#leaving -= count;
          this.sent += count;
          this.activity.note();
        }
        giveBuffer(room);
        if (this.#filled > 0) this.#listener.progressed();
      }
    } catch (error) {
      return this.#listener.broke(error); // it stays busy: nothing is written any more
    }
    this.#busy = false;
    this.#listener.progressed();
  }
}
