/**
 * One connection of a load: keeps as many lines under way as it may, and counts what comes back.
 */

import { quote } from "../../option_kinds.ts";
import type { Wire } from "../endpoint.ts";
import { LineRing } from "./line_ring.ts";
import type { LoadStats } from "./load_stats.ts";
import { ReplyReader, type ReplySink } from "./reply_reader.ts";

/** What a {@linkcode LoadConnection} sends, and what it wants back. */
export interface Exchange {
  /** Number of the connection, from 0; part of its lines. */
  connection: number;
  /** Bytes of a line without its end. */
  size: number;
  /** Lines under way at most. */
  window: number;
  /** `echo`: a worker's ID, a space and the line; `none`: any line. */
  expect: "echo" | "none";
  /**
   * When the n-th line, from 0, is meant to be sent, on the clock of `performance.now()`. Absent: as
   * soon as the window allows.
   */
  dueAt?: (n: number) => number;
}

/** A connection under load. */
export class LoadConnection implements ReplySink {
  /** What of a reply counts now; the owner says when. */
  counting: "nothing" | "latency" | "all" = "nothing";
  readonly #wire: Wire;
  readonly #stats: LoadStats;
  readonly #exchange: Exchange;
  readonly #ring: LineRing;
  readonly #replies: ReplyReader;
  /** By slot: when its line was sent, or was meant to be. */
  readonly #sentAt: Float64Array;
  /** Lines that may be sent by now. */
  #due: number;
  #sent = 0;
  #answered = 0;
  /** When the replies that are being looked at came in. */
  #now = 0;
  /** Whether a write is under way. */
  #writing = false;
  #stopping = false;
  /** When it was closed, by `performance.now()`. */
  #closedAt = Infinity;

  constructor(wire: Wire, { stats, exchange }: { stats: LoadStats; exchange: Exchange }) {
    const { size, window, expect, dueAt } = exchange;
    this.#wire = wire;
    this.#stats = stats;
    this.#exchange = exchange;
    this.#ring = new LineRing(size, exchange);
    this.#replies = new ReplyReader({ expect, window, ring: this.#ring }, this);
    this.#sentAt = new Float64Array(this.#ring.slots);
    this.#due = dueAt ? 0 : Infinity;
  }

  /** Lines sent and not answered. */
  get #outstanding(): number {
    return this.#sent - this.#answered;
  }

  /** Lines due and not sent: the window was full. */
  get #backlog(): number {
    return this.#due === Infinity ? 0 : this.#due - this.#sent;
  }

  /** Says that one more line is due. */
  allowOne(): void {
    this.#due++;
  }

  /** Sends what is due, as far as the window and the write under way allow. */
  flush(): void {
    if (this.#writing || this.#stopping || this.#closed) return;
    const { slots, stride, bytes } = this.#ring;
    const { window, dueAt } = this.#exchange;
    const allowed = Math.min(window - this.#outstanding, this.#due - this.#sent);
    if (allowed <= 0) return;
    const from = this.#sent % slots;
    const to = Math.min(from + allowed, slots);
    this.#ring.renew(from, to);
    if (dueAt) {
      for (let i = 0; i < to - from; i++) {
        this.#sentAt[from + i] = dueAt(this.#sent + i);
      }
    } else this.#sentAt.fill(performance.now(), from, to);
    this.#sent += to - from;
    this.#writing = true;
    this.#write(bytes.subarray(from * stride, to * stride)).catch((error) => this.#lose(error));
  }

  /** Takes replies until the connection ends; never rejects. */
  async run(): Promise<void> {
    this.flush();
    while (!this.#closed && !(this.#stopping && this.#outstanding === 0)) {
      const count = await this.#wire.read(this.#replies.room).catch((error) => this.#lose(error));
      if (count === null) this.#lose("the server closed it");
      if (!count) break;
      this.#now = performance.now();
      this.#replies.take(count);
      this.flush();
    }
    this.close();
  }

  /**
   * Sends no more; {@linkcode run} ends when all is answered. How long the last replies take still counts,
   * and so does how long the window held lines back: leaving that out would flatter a server that stalls.
   *
   * @param now The time, the same for all connections: to count many lines takes time itself.
   */
  stop(now: number): void {
    this.counting = "latency";
    this.#stopping = true;
    const { dueAt } = this.#exchange;
    for (let n = this.#sent; dueAt && n < this.#due; n++) {
      this.#stats.latency.record((now - dueAt(n)) * 1000);
    }
    if (this.#outstanding === 0) this.close();
  }

  /** Counts the lines that will get no reply: waited for until `now`, or until the connection's end. */
  countRest(now: number): void {
    const until = Math.min(now, this.#closedAt);
    for (let n = this.#answered; n < this.#sent; n++) {
      this.#stats.latency.record((until - this.#sentAt[n % this.#ring.slots]) * 1000);
    }
    this.#stats.unanswered += this.#outstanding;
    this.#stats.unsent += this.#backlog;
  }

  get #closed(): boolean {
    return this.#closedAt < Infinity;
  }

  /** Closes the connection at once. */
  close(): void {
    if (this.#closed) return;
    this.#closedAt = performance.now();
    this.#wire.close();
  }

  nextSlot(): number {
    return this.#outstanding > 0 ? this.#answered % this.#ring.slots : -1;
  }

  onRight(worker: number): void {
    const micros = (this.#now - this.#sentAt[this.#answered % this.#ring.slots]) * 1000;
    this.#answered++;
    if (this.counting === "all") this.#stats.count(worker, micros);
    else if (this.counting === "latency") this.#stats.latency.record(micros);
  }

  onWrong(reply: Uint8Array): void {
    const slot = this.nextSlot();
    const wanted = slot < 0 ? "no reply" : `a number and ${quote(this.#ring.text(slot))}`;
    this.#stats.mismatches++;
    this.#stats.note(`wanted ${wanted}, got ${quote(new TextDecoder().decode(reply))}`);
    if (slot >= 0) this.#answered++;
  }

  onError(): void {
    this.#stats.errorReplies++;
  }

  /** Writes all of it, though a write may take a part only; then what became due meanwhile. */
  async #write(bytes: Uint8Array): Promise<void> {
    let count = await this.#wire.write(bytes);
    while (count < bytes.length) count += await this.#wire.write(bytes.subarray(count));
    this.#writing = false;
    this.flush();
  }

  #lose(error: unknown): void {
    if (this.#closed) return;
    this.#stats.connectionErrors++;
    this.#stats.note(`connection ${this.#exchange.connection + 1}: ${error}`);
    this.close();
  }
}
