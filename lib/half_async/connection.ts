/**
 * Service handler of Acceptor-Connector: the wire of one client. It reads and writes without blocking, hands
 * lines to its session and takes replies from it, and knows how a connection ends.
 */

import { ConnectionRecord } from "../observe/connection_record.ts";
import type { CloseReason } from "../observe/events.ts";
import type { LineBlock } from "../queueing/line_block.ts";
import { reason } from "../reason.ts";
import { isWebClient, NO_HTTP } from "./http_guard.ts";
import { Intake } from "./intake.ts";
import { Linger } from "./linger.ts";
import { closeQuietly } from "./listener.ts";
import { Output } from "./output.ts";
import type { Peer } from "./peer.ts";
import { type Outlet, Session, type SessionOptions } from "./session.ts";
import type { Traffic } from "./traffic.ts";
import type { Transport } from "./transport.ts";

/** What all connections of a server share. */
export interface ConnectionOptions extends SessionOptions {
  /** Whether web clients are turned away. @default {false} */
  refuseHttp?: boolean;
}

/** Milliseconds until an ended connection is closed even if its client still sends. */
const MAX_LINGER = 5000;

/** The number of the next connection: no other one of this process has it. */
let nextNumber = 1;

/** One client. */
export class Connection implements Outlet {
  readonly #conn: Transport;
  readonly #record: ConnectionRecord;
  readonly #options: ConnectionOptions;
  readonly #session: Session;
  readonly #intake: Intake;
  readonly #output: Output;
  readonly #linger: Linger;
  readonly #closed = Promise.withResolvers<void>();
  /** What its first line tells of the client; `dismissed` when the handler has ended the connection. */
  #client: "new" | "welcome" | "refused" | "dismissed" = "new";
  /** The client was asked to end the connection. */
  #parting = false;
  /** No further line is taken. */
  #ending = false;
  #finishing = false;
  #gone = false;

  constructor(conn: Transport, peer: Peer, options: ConnectionOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#record = new ConnectionRecord(peer.name, options.onEvent);
    const origin = { number: nextNumber++, addr: peer.addr };
    this.#session = new Session(this, { ...options, origin, record: this.#record });
    const broke = (error: unknown) => this.abort(reason(error));
    this.#intake = new Intake(conn, options.maxLine, {
      room: () => this.#isOver ? Infinity : this.#session.room(),
      accept: (lines) => this.#accept(lines),
      tooLong: (lines) => this.#record.tooLong(options.maxLine, lines),
      ended: () => this.#stop("client closed"),
      broke,
    });
    this.#output = new Output(conn, {
      progressed: () => this.#progressed(),
      broke,
    });
    this.#linger = new Linger(
      this.#intake,
      () => this.#ending ? this.#close() : this.#stop("client closed"),
    );
  }

  /** Serves the client until its connection is closed, on whichever side. Never rejects. */
  async serve(): Promise<void> {
    this.#session.begin();
    void this.#intake.run();
    await this.#closed.promise;
    this.#record.closed(this.#intake.received, this.#output.sent);
  }

  /** Milliseconds since bytes came in, while nothing is left to answer; 0 otherwise. Ask once in a while. */
  get idleFor(): number {
    return this.#quiet ? this.#intake.activity.quietFor() : 0;
  }

  /** Milliseconds since the system took bytes, while some wait to leave; 0 otherwise. Ask once in a while. */
  get unreadFor(): number {
    return this.#output.waits ? this.#output.activity.quietFor() : 0;
  }

  /** Bytes that the client sent after the last line taken. */
  get discarded(): number {
    return this.#intake.discarded;
  }

  /** Adds what it carries to the sums of all connections. */
  addTo(sums: Traffic): void {
    if (this.#intake.paused) sums.paused++;
    sums.received += this.#intake.received;
    sums.sent += this.#output.sent;
    sums.unread += this.#output.size;
    this.#session.addTo(sums);
  }

  /** Bytes of replies that have not left. */
  get size(): number {
    return this.#output.size;
  }

  /** Whether lines that were read wait for room. */
  get paused(): boolean {
    return this.#intake.paused;
  }

  /** Takes a copy of the next replies. */
  write(bytes: Uint8Array): void {
    this.#output.write(bytes);
  }

  /** There may be room for waiting lines: they go on as soon as the read budget allows. */
  resume(): void {
    this.#intake.resume();
  }

  /** There is room for waiting lines: they go on at once. */
  fill(): void {
    this.#intake.fill();
  }

  /** Lines have been answered. */
  answered(): void {
    if (this.#ending) void this.#finishIfQuiet();
  }

  over(): void {
    if (this.#isOver) return;
    this.#client = "dismissed";
    this.#stop("handler");
    this.#intake.fill(); // lines that wait for room are given up
  }

  /** Whether all further input of the client is thrown away. */
  get #isOver(): boolean {
    return this.#client === "refused" || this.#client === "dismissed";
  }

  /** Takes no further line, and closes when every line taken has been answered. */
  end(reason: CloseReason): void {
    if (this.#options.replies === "none") this.#part();
    else this.#stop(reason);
  }

  /** Closes at once; lines unanswered are given up. */
  abort(reason: string): void {
    if (this.#gone) return;
    this.#record.lost(reason, this.#close());
  }

  /** Closes, because the client was silent, or did not read, for so many seconds. */
  timeOut(reason: "idle timeout" | "write timeout", seconds: number): void {
    if (this.#gone) return;
    if (reason === "write timeout") return this.#record.timedOut(reason, seconds, this.#close());
    if (this.#record.ends(reason)) this.#record.timedOut(reason, seconds, 0);
    this.end(reason);
  }

  /** Reports the error replies since the last report, as one event. */
  reportFailures(): void {
    this.#record.reportFailures();
  }

  #accept(lines: LineBlock): void {
    if (this.#client === "new") this.#admit(lines);
    // What a refused client sent behind its first line is given up.
    if (this.#client === "welcome") this.#session.accept(lines);
  }

  /** The first line decides whether the client may stay, before any line behind it can run. */
  #admit(lines: LineBlock): void {
    this.#client = "welcome";
    const { refuseHttp, maxLine } = this.#options;
    const [first] = lines.text.split("\n", 1);
    if (!refuseHttp || !isWebClient(first, first.length > maxLine)) return;
    this.#client = "refused";
    this.#session.turnAway(NO_HTTP);
    this.#stop("refused");
  }

  /**
   * A one-way sender cannot see which lines were taken. The server's half-close tells it of the end; its
   * lines are taken until it has closed its side, or is silent.
   */
  #part(): void {
    if (this.#parting || this.#ending) return;
    this.#parting = true;
    this.#output.end().catch(() => {}); // the client was faster: reading will tell
    this.#linger.begin(Infinity);
  }

  #stop(reason: CloseReason): void {
    this.#record.ends(reason);
    if (!this.#ending) this.#linger.end(); // the client has closed its side, or was silent: its jobs go on
    this.#ending = true;
    this.#intake.stop();
    void this.#finishIfQuiet();
  }

  /** Replies have left. */
  #progressed(): void {
    this.#session.progressed();
    if (this.#ending) void this.#finishIfQuiet();
  }

  /** Whether nothing is left to answer or to write. */
  get #quiet(): boolean {
    return !this.#session.busy && this.#output.size === 0 && !this.#intake.busy;
  }

  async #finishIfQuiet(): Promise<void> {
    if (this.#finishing || this.#gone || !this.#quiet) return;
    this.#finishing = true;
    try {
      if (!this.#parting) await this.#output.end();
    } catch {
      return void this.#close(); // the client was faster
    }
    if (this.#gone) return;
    if (this.#output.used) this.#linger.begin(MAX_LINGER);
    else this.#close(); // no reply can be lost, and a client that sends on is told at once
  }

  /** @returns how many lines are given up */
  #close(): number {
    if (this.#gone) return 0;
    this.#gone = true;
    this.#intake.drop();
    this.#linger.end();
    const unanswered = this.#session.close();
    closeQuietly(this.#conn);
    this.#closed.resolve();
    return unanswered;
  }
}
