/**
 * Session: one client's lines and replies as the server sees them: admission, flow through the queue, order
 * of the replies, counts. It knows no socket: replies leave through an outlet.
 */

import type { ConnectionRecord } from "../observe/connection_record.ts";
import type { Counters, EventListener } from "../observe/events.ts";
import type { Order } from "../options.ts";
import type { Answer, Origin } from "../queueing/executor.ts";
import { Flow } from "../queueing/flow.ts";
import type { JobQueue } from "../queueing/job_queue.ts";
import type { Lane } from "../queueing/lane.ts";
import type { LineBlock } from "../queueing/line_block.ts";
import { type ReplySink, Run } from "../queueing/run.ts";
import { type Replies, type ReplyOrder, replyOrder } from "./reply_order.ts";
import type { Traffic } from "./traffic.ts";

/** What all sessions of a server share. */
export interface SessionOptions {
  /** Longest line, in bytes. */
  maxLine: number;
  order: Order;
  /** At the queue's limit: stop reading, or answer each line with an error reply. */
  overload: "pause" | "reject";
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  /** Whether clients get replies, `ERR` lines too. */
  replies: "all" | "none";
  queue: JobQueue;
  /** The lane of a new connection: that of an executor, if connections are pinned. */
  lane: () => Lane<Flow> | undefined;
  /** Whether the handler greets each connection. */
  greets: () => boolean;
  counters: Counters;
  /** Most bytes of unanswered lines and unwritten replies that one session may have now. */
  share: () => number;
  onEvent: EventListener;
}

/** What a session has of its own. */
export interface SessionParts {
  record: ConnectionRecord;
  origin: Origin;
}

/** Where replies go and lines come from: a connection, or a fake one in a test. */
export interface Outlet {
  /** Bytes of replies that have not left. */
  readonly size: number;
  /** Whether lines wait for room. */
  readonly paused: boolean;
  /** Takes a copy of the next replies. */
  write(bytes: Uint8Array): void;
  /** There may be room for lines again. */
  resume(): void;
  /** There is room for lines again: it is this session's turn. */
  fill(): void;
  /** Lines have been answered. */
  answered(): void;
  /** Takes no further line: the connection ends when the rest has been answered. */
  over(): void;
}

/** Most unanswered lines of one session: with fewer, one that sends far ahead leaves workers idle. */
const MAX_UNANSWERED = 2048;

const encoder = new TextEncoder();

/** The lines and replies of one client. */
export class Session implements ReplySink {
  readonly #outlet: Outlet;
  readonly #options: SessionOptions & SessionParts;
  readonly #flow: Flow;
  readonly #order: ReplyOrder;
  readonly #queueHasRoom = () => this.#outlet.fill();
  #run: Run | undefined;
  #closed = false;

  constructor(outlet: Outlet, options: SessionOptions & SessionParts) {
    this.#outlet = outlet;
    this.#options = options;
    this.#flow = new Flow(options.queue, this, { origin: options.origin, lane: options.lane() });
    const order = options.replies === "none" ? "completion" : options.order; // it holds no reply
    this.#order = replyOrder(order, (replies) => this.#write(replies), options.queue.observer);
  }

  /** Whether a job of it waits or is under way. */
  get busy(): boolean {
    return this.#flow.busy;
  }

  /** The connection begins: with a greeting, if the handler has one. */
  begin(): void {
    if (this.#options.greets()) this.#order.accepted(this.#flow.open());
  }

  /** Adds its unanswered lines and held replies to the sums of all connections. */
  addTo(sums: Traffic): void {
    sums.unanswered += this.#flow.unanswered + this.#order.heldLines;
    sums.held.replies += this.#order.heldLines;
    sums.held.bytes += this.#order.held;
  }

  /** Whether the flow's jobs must wait, because their replies find no room. */
  get blocked(): boolean {
    const share = this.#options.share();
    if (this.#outlet.size >= share) return true;
    // Replies that wait for an earlier one must not keep that one waiting.
    return this.#order.held >= share && this.#order.first?.underWay === true;
  }

  /** High water marks: how many lines may be taken now. */
  room(): number {
    const { queue, overload, share } = this.#options;
    if (this.#bytes >= share()) return 0;
    const own = MAX_UNANSWERED - this.#flow.unanswered;
    if (overload === "reject") return own;
    const room = queue.roomFor(this.#flow);
    // With unanswered lines it goes on when they are answered.
    if (room === 0 && this.#flow.unanswered === 0) queue.whenRoom(this.#queueHasRoom);
    return Math.min(own, room);
  }

  /** Takes lines; there was room for them. */
  accept(lines: LineBlock): void {
    const { maxLine, counters, record } = this.#options;
    counters.accepted += lines.count;
    record.lines += lines.count;
    if (lines.longest <= maxLine) return this.#queueUp(lines);
    for (const part of lines.parted((line) => line.length <= maxLine)) {
      if (part.longest <= maxLine) this.#queueUp(part);
      else this.#refuse(`line longer than the limit of ${maxLine} bytes`, part.count);
    }
  }

  answered(run: Run, answer: Answer): void {
    if (this.#closed) return;
    const isLast = answer.ends || run.kind === "open" && answer.failed > 0;
    if (isLast) this.#endBehind(run); // first: replies held for this one must not follow it
    const replies = run.kind === "lines" ? answer : { ...answer, lines: 0, failed: 0 };
    this.#order.answered(run, replies);
    if (isLast) this.#outlet.over();
    if (this.#flow.unanswered === 0) this.#run = undefined; // an idle client keeps no line
    this.progressed();
    this.#outlet.answered();
  }

  executorLost(reason: string): void {
    if (this.#closed) return;
    const unanswered = this.#order.cut(this.#order.first) + this.#flow.giveUpBehind(-1);
    const { peer } = this.#options.record;
    this.#options.onEvent({ type: "connection_unpinned", peer, reason, unanswered, times: 1 });
    this.#giveUp(unanswered);
    this.#outlet.over();
  }

  /** Replies have been taken over, or have left: what waited for that goes on. */
  progressed(): void {
    this.#options.queue.activate(this.#flow);
    this.#resume();
  }

  /** Turns the client away: one error reply in place of all its lines. */
  turnAway(sentence: string): void {
    const { counters, record } = this.#options;
    counters.accepted++;
    record.lines++;
    this.#refuse(sentence, 1);
  }

  /** The client is gone: unanswered lines are given up. @returns their number */
  close(): number {
    this.#closed = true;
    this.#options.queue.forget(this.#queueHasRoom);
    // Lines under way, too, and those whose replies wait for another: none is written any more.
    const lines = this.#flow.drop() + this.#order.cut(this.#order.first);
    this.#options.counters.gone += lines;
    return lines;
  }

  /** Hands replies on whose turn it is: now their lines count as answered. */
  #write({ bytes, lines, failed }: Replies): void {
    const { counters, record, replies } = this.#options;
    counters.answered += lines - failed;
    counters.failed += failed;
    record.failed += failed;
    if (replies === "all") this.#outlet.write(bytes);
  }

  /** Ends the connection behind the next answer of `run`: later lines are given up, even if they ran. */
  #endBehind(run: Run): void {
    const held = this.#order.cut(run);
    this.#giveUp(held + this.#flow.giveUpBehind(run.position + run.settled - 1));
    this.#run = undefined;
  }

  #giveUp(lines: number): void {
    this.#options.counters.gone += lines;
    this.#options.record.gone += lines;
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

  /** The reactor's own answer: an error reply in place of each line. */
  #refuse(sentence: string, lines: number): void {
    this.#flow.close();
    const run = new Run(this.#flow);
    this.#order.accepted(run);
    const bytes = encoder.encode(`ERR ${sentence}${this.#options.terminator}`.repeat(lines));
    this.#order.answered(run, { bytes, lines, failed: lines });
  }

  /** Bytes of unanswered lines and of replies that have not left. */
  get #bytes(): number {
    return this.#flow.unansweredBytes + this.#outlet.size + this.#order.held;
  }

  /** Low water marks: goes on with taking lines. */
  #resume(): void {
    if (!this.#outlet.paused) return;
    const { queue, overload, share } = this.#options;
    const { unanswered } = this.#flow;
    if (unanswered > MAX_UNANSWERED / 2 || this.#bytes > share() / 2) return;
    if (overload === "pause" && queue.roomFor(this.#flow) < unanswered) return;
    this.#outlet.resume();
  }
}
