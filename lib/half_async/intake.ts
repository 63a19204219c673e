/**
 * The way in of one connection: reads without blocking, frames lines, and hands them on while there is room.
 * At a high water mark it stops reading; TCP then slows the client down.
 */

import { LineBlock } from "../queueing/line_block.ts";
import { Activity } from "./activity.ts";
import { LineFramer } from "./line_framer.ts";
import { ReadAllowance, readBudget } from "./read_budget.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Transport } from "./transport.ts";

/**
 * Most lines that are handed on at once when some are too long: each of those is looked at by itself, and a
 * chunk of 80 KiB may hold 27 000. With more, one client would keep the reactor for long.
 */
const SLICE = 128;

/** What each such line counts for in the read budget, in bytes. */
const PER_LINE = 32;

/** What an intake works for. */
export interface IntakeListener {
  /** High water marks: how many lines there is room for now. */
  room(): number;
  /** The next lines; one that is too long is cut to `maxLine + 1` bytes. */
  accept(lines: LineBlock): void;
  /** So many lines have passed `maxLine` bytes; the last may not have ended yet. */
  tooLong?(lines: number): void;
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
  /** Bytes that came after the last line taken, and were thrown away. */
  discarded = 0;
  /** Bytes that have come in so far. */
  received = 0;
  readonly #conn: Transport;
  readonly #maxLine: number;
  readonly #listener: IntakeListener;
  /** Whether it has read lines that are not handed on yet. */
  #busy = false;
  #stopped = false;
  #dropped = false;
  readonly #allowance = new ReadAllowance();
  /** Whether it waits for its turn in the read budget. */
  #deferred = false;
  /** Lines that wait for room, and what to call when all have it. */
  #rest = LineBlock.EMPTY;
  #found: (() => void) | undefined;

  constructor(conn: Transport, maxLine: number, listener: IntakeListener) {
    this.#conn = conn;
    this.#maxLine = maxLine;
    this.#listener = listener;
  }

  /** Whether it has read lines that are not handed on yet. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Whether it waits for room. */
  get paused(): boolean {
    return this.#rest.count > 0;
  }

  /** Reads until the client ends its side, or the connection breaks or is closed. */
  async run(): Promise<void> {
    const buffer = new ReadBuffer();
    let framer: LineFramer | undefined; // an idle connection has none
    // The system is asked before a first read, and after one that left the buffer unfilled. TLS keeps bytes.
    const tells = !("handshake" in this.#conn);
    let hadRoom = tells;
    readBudget.enter();
    try {
      for (;;) {
        const count = await this.#conn.read(buffer.bytes);
        if (count === null) break;
        if (hadRoom) readBudget.looked();
        hadRoom = tells && count < buffer.bytes.length;
        this.activity.note();
        this.received += count;
        const covered = this.#allowance.covers(count);
        if (this.#stopped) {
          // It reads all the same, so that closing sends no reset.
          this.discarded += count;
          if (!covered) await readBudget.run(() => {});
          continue;
        }
        this.#busy = true;
        framer ??= new LineFramer(this.#maxLine, this.#listener.tooLong);
        const next = framer;
        if (covered) {
          const lines = next.write(buffer.bytes, count);
          this.#take(lines instanceof LineBlock ? lines : await lines); // mostly nothing to wait for
        } else {
          await readBudget.run(async () => this.#take(await next.write(buffer.bytes, count)));
        }
        buffer.adapt(count);
        if (this.paused) await this.#room();
        this.#busy = false;
        if (this.#stopped) this.#listener.ended();
      }
      this.atEnd = true;
      if (framer !== undefined && !this.#stopped) {
        this.#busy = true;
        this.#take(await framer.end());
        if (this.paused) await this.#room();
        this.#busy = false;
      }
      this.#listener.ended();
    } catch (error) {
      this.#listener.broke(error);
    } finally {
      readBudget.leave();
      buffer.close();
    }
  }

  /** Goes on, if it waits for room, as soon as the read budget allows. */
  resume(): void {
    if (!this.paused || this.#deferred) return;
    if (this.#allowance.covers(this.#rest.size)) this.fill();
    else this.#defer();
  }

  /** Goes on at once, if it waits for room. */
  fill(): void {
    if (!this.paused || !this.#accept()) return;
    this.#found?.();
    this.#found = undefined;
  }

  /** Takes nothing that is not read yet. */
  stop(): void {
    this.#stopped = true;
  }

  /** Gives up the lines that wait, and takes no more: the connection is gone. */
  drop(): void {
    this.#stopped = this.#dropped = true;
    this.fill();
  }

  /** Resolves when all waiting lines have been handed on. */
  #room(): Promise<void> {
    return new Promise((resolve) => this.#found = resolve);
  }

  #take(lines: LineBlock): void {
    this.#rest = lines;
    this.#accept();
  }

  /** Hands on lines while there is room. @returns whether none is left */
  #accept(): boolean {
    if (this.#dropped) this.#rest = LineBlock.EMPTY; // perhaps while the lines were framed
    while (this.#rest.count > 0) {
      const lines = this.#rest;
      const room = this.#listener.room();
      if (room === 0) return false;
      const most = lines.longest > this.#maxLine ? Math.min(room, SLICE) : room;
      if (most >= lines.count) {
        this.#rest = LineBlock.EMPTY;
        this.#listener.accept(lines);
        return true;
      }
      const [head, tail] = lines.splitAt(most);
      this.#rest = tail;
      this.#listener.accept(head);
      if (most === room) return false;
      if (!this.#allowance.covers(most * PER_LINE)) {
        this.#defer();
        return false;
      }
    }
    return true;
  }

  /** Goes on when the read budget grants a turn. */
  #defer(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    void readBudget.run(() => {
      this.#deferred = false;
      this.fill();
    });
  }
}
