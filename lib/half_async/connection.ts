/**
 * Service handler of Acceptor-Connector and asynchronous service of Half-Sync/Half-Async: one client's
 * connection. It hands the client's lines to the queue, and writes their replies, in order.
 */

import type { Counters, EventListener } from "../events.ts";
import type { Order } from "../options.ts";
import { Flow } from "../queueing/flow.ts";
import type { JobQueue } from "../queueing/job_queue.ts";
import type { LineBlock } from "../queueing/line_block.ts";
import { type ReplySink, Run } from "../queueing/run.ts";
import { Intake } from "./intake.ts";
import { Linger } from "./linger.ts";
import { closeQuietly } from "./listener.ts";
import { Output } from "./output.ts";
import { type ReplyOrder, replyOrder } from "./reply_order.ts";

/** What all connections of a server share. */
export interface ConnectionOptions {
  /** Longest line, in bytes. */
  maxLine: number;
  order: Order;
  /** At the queue's limit: stop reading, or answer each line with an error reply. */
  overload: "pause" | "reject";
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  queue: JobQueue;
  counters: Counters;
  /** Most bytes of unanswered lines and unwritten replies that one connection may have now. */
  share: () => number;
  onEvent: EventListener;
}

/** Most lines of one connection that may be unanswered. */
const MAX_UNANSWERED = 2048;

const encoder = new TextEncoder();

/** One client. */
export class Connection implements ReplySink {
  readonly #conn: Deno.Conn;
  readonly #peer: string;
  readonly #options: ConnectionOptions;
  readonly #flow: Flow;
  readonly #intake: Intake;
  readonly #output: Output;
  readonly #order: ReplyOrder;
  readonly #linger: Linger;
  readonly #closed = Promise.withResolvers<void>();
  readonly #queueHasRoom = () => this.#intake.fill();
  #run: Run | undefined;
  /** Error replies since they were last reported. */
  #failed = 0;
  /** No further line is taken. */
  #ending = false;
  #finishing = false;
  #gone = false;

  constructor(conn: Deno.Conn, peer: string, options: ConnectionOptions) {
    this.#conn = conn;
    this.#peer = peer;
    this.#options = options;
    this.#flow = new Flow(options.queue, this);
    this.#intake = new Intake(conn, options.maxLine, {
      room: () => this.#room(),
      accept: (lines) => this.#accept(lines),
      ended: () => this.end(),
      broke: (error) => this.abort(reasonOf(error)),
    });
    this.#output = new Output(conn, {
      progressed: () => this.#progressed(),
      broke: (error) => this.abort(reasonOf(error)),
    });
    this.#linger = new Linger(this.#intake, () => this.#close());
    this.#order = replyOrder(options.order, (bytes) => this.#output.write(bytes));
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

  /** Whether the flow's jobs must wait, because their replies find no room. */
  get blocked(): boolean {
    const share = this.#options.share();
    if (this.#output.size >= share) return true;
    // Replies that wait for an earlier one must not keep that one waiting.
    return this.#order.held >= share && this.#order.first?.underWay === true;
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
    const unanswered = this.#flow.unanswered;
    this.#close();
    this.#options.counters.gone += unanswered; // those under way too: what becomes of them is lost
    this.#flow.drop();
    this.#options.onEvent({ type: "connection_lost", peer: this.#peer, reason, unanswered });
  }

  /** Reports the error replies since the last report, as one event. */
  reportFailures(): void {
    if (this.#failed === 0) return;
    this.#options.onEvent({ type: "lines_failed", peer: this.#peer, times: this.#failed });
    this.#failed = 0;
  }

  answered(run: Run, lines: number, bytes: Uint8Array, failed: number): void {
    if (this.#gone) return;
    const { counters } = this.#options;
    counters.answered += lines - failed;
    counters.failed += failed;
    this.#failed += failed;
    this.#order.answered(run, bytes);
    if (this.#flow.unanswered === 0) this.#run = undefined; // an idle client keeps no line
    this.#progressed();
  }

  #accept(lines: LineBlock): void {
    const { maxLine, counters } = this.#options;
    counters.accepted += lines.count;
    if (lines.longest <= maxLine) return this.#queueUp(lines);
    for (const part of lines.parted((line) => line.length <= maxLine)) {
      if (part.longest <= maxLine) this.#queueUp(part);
      else this.#refuse(`line longer than the limit of ${maxLine} bytes`, part.count);
    }
  }

  #queueUp(lines: LineBlock): void {
    const { overload, queue } = this.#options;
    const room = overload === "reject" ? queue.room : Infinity;
    if (room === 0) {
      return this.#refuse(`overloaded: the limit of ${queue.reached} is reached`, lines.count);
    }
    if (room < lines.count) {
      for (const part of lines.splitAt(room)) this.#queueUp(part);
      return;
    }
    const run = this.#flow.push(lines);
    if (run === this.#run) return;
    this.#run = run;
    this.#order.accepted(run);
  }

  /** The reactor's own answer to lines: an error reply in the place of each. */
  #refuse(sentence: string, lines: number): void {
    const { counters, terminator } = this.#options;
    counters.failed += lines;
    this.#failed += lines;
    this.#flow.close();
    const run = new Run(this.#flow);
    this.#order.accepted(run);
    this.#order.answered(run, encoder.encode(`ERR ${sentence}${terminator}`.repeat(lines)));
  }

  /** Bytes of unanswered lines and of replies that have not left. */
  get #bytes(): number {
    return this.#flow.unansweredBytes + this.#output.size + this.#order.held;
  }

  /** High water marks: how many lines may be taken now. */
  #room(): number {
    const { queue, overload, share } = this.#options;
    if (this.#bytes >= share()) return 0;
    const own = MAX_UNANSWERED - this.#flow.unanswered;
    if (overload === "reject") return own;
    const room = queue.roomFor(this.#flow);
    // With lines unanswered it goes on when they are.
    if (room === 0 && this.#flow.unanswered === 0) queue.whenRoom(this.#queueHasRoom);
    return Math.min(own, room);
  }

  /** Low water marks: goes on with taking lines. */
  #resume(): void {
    if (!this.#intake.paused) return;
    const { queue, overload, share } = this.#options;
    const { unanswered } = this.#flow;
    if (unanswered > MAX_UNANSWERED / 2 || this.#bytes > share() / 2) return;
    if (overload === "pause" && queue.roomFor(this.#flow) < unanswered) return;
    this.#intake.resume();
  }

  /** Replies have been taken over, or have left: what waited for that goes on. */
  #progressed(): void {
    this.#options.queue.activate(this.#flow);
    this.#resume();
    void this.#finishIfQuiet();
  }

  /** Whether nothing is left to answer or to write. */
  get #quiet(): boolean {
    return this.#flow.unanswered === 0 && this.#output.size === 0 && !this.#intake.busy;
  }

  async #finishIfQuiet(): Promise<void> {
    if (!this.#ending || this.#finishing || this.#gone || !this.#quiet) return;
    this.#finishing = true;
    try {
      await this.#conn.closeWrite();
    } catch {
      return this.#close(); // the client was faster
    }
    if (!this.#gone) this.#linger.begin();
  }

  #close(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#intake.drop();
    this.#linger.end();
    this.#options.queue.forget(this.#queueHasRoom);
    closeQuietly(this.#conn);
    this.#closed.resolve();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
