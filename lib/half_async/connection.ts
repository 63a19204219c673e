/**
 * Service handler of Acceptor-Connector: the wire of one client. It reads and writes without blocking,
 * hands lines to its session and takes replies from it, and knows how a connection comes to its end.
 */

import type { LineBlock } from "../queueing/line_block.ts";
import { isWebClient, NO_HTTP } from "./http_guard.ts";
import { Intake } from "./intake.ts";
import { Linger } from "./linger.ts";
import { closeQuietly } from "./listener.ts";
import { Output } from "./output.ts";
import { type Outlet, Session, type SessionOptions } from "./session.ts";

/** What all connections of a server share. */
export interface ConnectionOptions extends SessionOptions {
  /** Whether web clients are turned away. @default {false} */
  refuseHttp?: boolean;
}

/** One client. */
export class Connection implements Outlet {
  readonly #conn: Deno.Conn;
  readonly #peer: string;
  readonly #options: ConnectionOptions;
  readonly #session: Session;
  readonly #intake: Intake;
  readonly #output: Output;
  readonly #linger: Linger;
  readonly #closed = Promise.withResolvers<void>();
  /** What is known of the client by its first line. */
  #client: "new" | "welcome" | "refused" = "new";
  /** No further line is taken. */
  #ending = false;
  #finishing = false;
  #gone = false;

  constructor(conn: Deno.Conn, peer: string, options: ConnectionOptions) {
    this.#conn = conn;
    this.#peer = peer;
    this.#options = options;
    this.#session = new Session(peer, this, options);
    this.#intake = new Intake(conn, options.maxLine, {
      room: () => this.#client === "refused" ? Infinity : this.#session.room(),
      accept: (lines) => this.#accept(lines),
      ended: () => this.end(),
      broke: (error) => this.abort(reasonOf(error)),
    });
    this.#output = new Output(conn, {
      progressed: () => this.#progressed(),
      broke: (error) => this.abort(reasonOf(error)),
    });
    this.#linger = new Linger(this.#intake, () => this.#close());
  }

  /** Serves the client until its connection is closed, by whomever. Never rejects. */
  async serve(): Promise<void> {
    void this.#intake.run();
    await this.#closed.promise;
    this.reportFailures();
  }

  /** Milliseconds for which nothing has come in while nothing was left to answer; ask once in a while. */
  get idleFor(): number {
    return this.#quiet ? this.#intake.activity.quietFor() : 0;
  }

  /** Milliseconds for which the system has taken no byte of the replies that wait; ask once in a while. */
  get unreadFor(): number {
    return this.#output.size === 0 ? 0 : this.#output.activity.quietFor();
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

  /** There may be room for the lines that wait. */
  resume(): void {
    this.#intake.resume();
  }

  /** Lines have been answered. */
  answered(): void {
    void this.#finishIfQuiet();
  }

  /** Reads no further line; closes when every line that was read has been answered. */
  end(): void {
    this.#ending = true;
    this.#intake.stop();
    void this.#finishIfQuiet();
  }

  /** Closes at once; lines unanswered are given up. */
  abort(reason: string): void {
    if (this.#gone) return;
    const unanswered = this.#close();
    this.#options.onEvent({ type: "connection_lost", peer: this.#peer, reason, unanswered });
  }

  /** Reports the error replies since the last report, as one event. */
  reportFailures(): void {
    this.#session.reportFailures();
  }

  #accept(lines: LineBlock): void {
    if (this.#client === "new") this.#client = this.#admits(lines) ? "welcome" : this.#turnAway();
    // What a refused client sent behind its first line is given up.
    if (this.#client === "welcome") this.#session.accept(lines);
  }

  /** Whether the client may stay, by its first line, before any line behind it can run. */
  #admits(lines: LineBlock): boolean {
    const { refuseHttp, maxLine } = this.#options;
    if (!refuseHttp) return true;
    const [first] = lines.text.split("\n", 1);
    return !isWebClient(first, first.length > maxLine);
  }

  #turnAway(): "refused" {
    this.#session.turnAway(NO_HTTP);
    this.end();
    return "refused";
  }

  /** Replies have left. */
  #progressed(): void {
    this.#session.progressed();
    void this.#finishIfQuiet();
  }

  /** Whether nothing is left to answer or to write. */
  get #quiet(): boolean {
    return this.#session.unanswered === 0 && this.#output.size === 0 && !this.#intake.busy;
  }

  async #finishIfQuiet(): Promise<void> {
    if (!this.#ending || this.#finishing || this.#gone || !this.#quiet) return;
    this.#finishing = true;
    try {
      await this.#conn.closeWrite();
    } catch {
      return void this.#close(); // the client was faster
    }
    if (!this.#gone) this.#linger.begin();
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
