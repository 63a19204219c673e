/**
 * The way in of one connection: reads without blocking, frames lines, and hands them on as far as there
 * is room for them. At a high water mark it stops reading; TCP then slows the client down.
 */

import { LineBlock } from "../queueing/line_block.ts";
import { LineFramer } from "./line_framer.ts";
import { ReadBuffer } from "./read_buffer.ts";

/** What an intake works for. */
export interface IntakeListener {
  /** High water marks: how many lines there is room for now. */
  room(): number;
  /** The next lines; one that is too long is cut to `maxLine + 1` bytes. */
  accept(lines: LineBlock): void;
  /** Every line that the client has sent has been handed on, and no more will come. */
  ended(): void;
  /** The connection cannot be read from any more. */
  broke(error: unknown): void;
}

/** The lines of one client. */
export class Intake {
  /** When bytes last came in, by `performance.now()`. */
  heardAt = performance.now();
  /** Whether the client has said that it sends nothing more. */
  atEnd = false;
  readonly #conn: Deno.Conn;
  readonly #maxLine: number;
  readonly #listener: IntakeListener;
  #stopped = false;
  /** Lines that wait for room, and whom to tell when they have found it. */
  #rest = LineBlock.EMPTY;
  #found: (() => void) | undefined;

  constructor(conn: Deno.Conn, maxLine: number, listener: IntakeListener) {
    this.#conn = conn;
    this.#maxLine = maxLine;
    this.#listener = listener;
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
        const chunk = await buffer.readFrom(this.#conn);
        if (chunk === undefined) break;
        this.heardAt = performance.now();
        if (this.#stopped) continue; // read all the same, so that closing sends no reset
        framer ??= new LineFramer(this.#maxLine);
        await this.#handOn(await framer.write(chunk));
      }
      this.atEnd = true;
      if (framer !== undefined && !this.#stopped) await this.#handOn(await framer.end());
      this.#listener.ended();
    } catch (error) {
      this.#listener.broke(error);
    }
  }

  /** Goes on, if it waits for room. */
  resume(): void {
    if (this.#found === undefined || !this.#accept()) return;
    this.#found();
    this.#found = undefined;
  }

  /** Takes no further line. */
  stop(): void {
    this.#stopped = true;
    this.resume();
  }

  /** Hands lines on; resolves when there was room for all. */
  async #handOn(lines: LineBlock): Promise<void> {
    this.#rest = lines;
    if (this.#accept()) return;
    await new Promise<void>((resolve) => this.#found = resolve);
  }

  /** Hands on as many lines as there is room for. @returns whether that was all, or it is stopped */
  #accept(): boolean {
    if (this.#stopped) return true; // perhaps while the lines were framed
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
