/**
 * The way in of one connection: reads without blocking, frames lines, and hands them on as far as there
 * is room for them. At a high water mark it stops reading; TCP then slows the client down.
 */

import { LineBlock } from "../queueing/line_block.ts";
import { Activity } from "./activity.ts";
import { LineFramer } from "./line_framer.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Transport } from "./transport.ts";

/** What an intake works for. */
export interface IntakeListener {
  /** High water marks: how many lines there is room for now. */
  room(): number;
  /** The next lines; one that is too long is cut to `maxLine + 1` bytes. */
  accept(lines: LineBlock): void;
  /** Every line that was read has been handed on, and no more will come. */
  ended(): void;
  /** The connection cannot be read from any more. */
  broke(error: unknown): void;
}

/** The lines of one client. */
export class Intake {
  /** Bytes that come in. */
  readonly activity = new Activity();
  /** Whether the client has said that it sends nothing more. */
  atEnd = false;
  /** Bytes that came behind the last line that was to be taken, and were thrown away. */
  discarded = 0;
  readonly #conn: Transport;
  readonly #maxLine: number;
  readonly #listener: IntakeListener;
  /** Whether it has read bytes whose lines have not been handed on. */
  #busy = false;
  #stopped = false;
  #dropped = false;
  /** Lines that wait for room, and whom to tell when they have found it. */
  #rest = LineBlock.EMPTY;
  #found: (() => void) | undefined;

  constructor(conn: Transport, maxLine: number, listener: IntakeListener) {
    this.#conn = conn;
    this.#maxLine = maxLine;
    this.#listener = listener;
  }

  /** Whether it has lines that were read and are not handed on. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Whether it waits for room. */
  get paused(): boolean {
    return this.#found !== undefined;
  }

  /** Reads until the client ends its side, or the connection breaks or is closed. */
  async run(): Promise<void> {
    const buffer = new ReadBuffer();
    let framer: LineFramer | undefined; // an idle connection has none
    try {
      for (;;) {
        const count = await this.#conn.read(buffer.bytes);
        if (count === null) break;
        this.activity.note();
        if (this.#stopped) { // read all the same, so that closing sends no reset
          this.discarded += count;
          continue;
        }
        this.#busy = true;
        framer ??= new LineFramer(this.#maxLine);
        this.#rest = await framer.write(buffer.bytes, count);
        buffer.adapt(count);
        if (!this.#accept()) await this.#room();
        this.#busy = false;
        if (this.#stopped) this.#listener.ended();
      }
      this.atEnd = true;
      if (framer !== undefined && !this.#stopped) {
        this.#busy = true;
        this.#rest = await framer.end();
        if (!this.#accept()) await this.#room();
        this.#busy = false;
      }
      this.#listener.ended();
    } catch (error) {
      this.#listener.broke(error);
    } finally {
      buffer.close();
    }
  }

  /** Goes on, if it waits for room. */
  resume(): void {
    if (this.#found === undefined || !this.#accept()) return;
    this.#found();
    this.#found = undefined;
  }

  /** Takes nothing that is not read yet. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes nothing any more: the lines that wait are given up, for the connection is gone. */
  drop(): void {
    this.#stopped = this.#dropped = true;
    this.resume();
  }

  /** Resolves when there was room for all lines that wait. */
  #room(): Promise<void> {
    return new Promise((resolve) => this.#found = resolve);
  }

  /** Hands on as many of the lines as there is room for. @returns whether none is left */
  #accept(): boolean {
    if (this.#dropped) return true; // perhaps while the lines were framed
    const lines = this.#rest;
    const room = lines.count === 0 ? 0 : this.#listener.room();
    if (room < lines.count) {
      if (room === 0) return false;
      const [head, tail] = lines.splitAt(room);
      this.#rest = tail;
      this.#listener.accept(head);
      return false;
    }
    this.#rest = LineBlock.EMPTY;
    if (lines.count > 0) this.#listener.accept(lines);
    return true;
  }
}
