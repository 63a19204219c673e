/**
 * A batch that a node has, on the front's side. It passes on what the node tells. When the node is lost, it
 * settles the rest, each line once.
 */

import { Buffer } from "node:buffer";
import type { JobRun, Portion, RunStart } from "../../queueing/executor.ts";
import { bytesOf, type WireRecord, type WireRun } from "./protocol.ts";
import { addressText } from "../../half_sync/memory/run_header.ts";

/** What a front's batches have in common. */
export interface ReplyForm {
  /** What ends a reply to this front's clients: `\n` or `\r\n`. */
  readonly terminator: string;
}

/** A run, and how many of its lines are settled, or were taken back. */
interface Part {
  run: JobRun;
  /** Lines that were not taken back. */
  count: number;
  /** Lines that are still the node's. */
  left: number;
  /** Whether its time has been told. */
  told: boolean;
  /** The beginning of the next answer, where that needs several messages. */
  begun: Uint8Array[];
}

const encoder = new TextEncoder();

/** Runs that travel to a node together. */
export class RemoteBatch {
  readonly number: number;
  /** Estimated cost, in microseconds. */
  readonly cost: number;
  #slow = false;
  readonly #parts: Part[];
  readonly #lines: number;
  readonly #form: ReplyForm;

  constructor(number: number, { runs, cost }: Portion, form: ReplyForm) {
    this.number = number;
    this.cost = cost;
    this.#parts = runs.map((run) => ({
      run,
      count: run.count,
      left: run.count,
      told: false,
      begun: [],
    }));
    this.#lines = this.unanswered;
    this.#form = form;
  }

  /** What it counts for, in microseconds: no line is sent to wait behind a slow job. */
  get load(): number {
    return this.#slow ? Infinity : this.cost;
  }

  /** Lines that the node has not answered. */
  get unanswered(): number {
    return this.#parts.reduce((sum, { left }) => sum + left, 0);
  }

  /** The runs as a message has them, and the bytes of their lines. */
  wire(): { runs: WireRun[]; texts: Uint8Array[] } {
    const texts = this.#parts.map(({ run }) => bytesOf(run.text));
    const runs = this.#parts.map(({ run: { kind, count, origin } }, index): WireRun => [
      kind,
      count,
      texts[index].length,
      origin.number,
      addressText(origin.addr),
    ]);
    return { runs, texts };
  }

  /** The length of its line, in bytes, if it has only one; otherwise 0. */
  get soleLine(): number {
    const [{ run }] = this.#parts;
    return this.#parts.length === 1 && run.count === 1 ? run.text.length : 0;
  }

  /** The node tells of one of its runs; `bytes` are those of an answer. Impossible reports are ignored. */
  take(record: WireRecord, { bytes, executor }: { bytes?: Uint8Array; executor: number }): void {
    const part = this.#parts[record[2] ?? -1];
    if (part === undefined) return;
    switch (record[0]) {
      case "part":
        if (part.left > 0 && bytes !== undefined) part.begun.push(bytes.slice());
        return;
      case "answer": {
        const [, , , lines, failed, ends] = record;
        if (lines > part.left || lines < 1 || bytes === undefined) return;
        part.left -= lines;
        const whole = part.begun.length === 0
          ? bytes
          : Buffer.concat([...part.begun.splice(0), bytes]);
        return part.run.answered({
          lines,
          bytes: this.#form.terminator === "\n" ? whole : withCarriageReturns(whole),
          failed,
          ends: ends === 1,
        });
      }
      case "took": {
        const [, , , micros, age] = record;
        return this.#took(part, micros, { executor, at: performance.now() - age });
      }
      case "stalled":
        this.#slow = true;
        return part.run.stalled(record[3]);
      case "back":
        return this.#takeBack(part, record[3]);
    }
  }

  /** None of it was started: all of its lines may go elsewhere. */
  refused(): void {
    for (const part of this.#parts.toReversed()) {
      if (part.left === part.count) this.#takeBack(part, 0);
    }
    this.lost("the worker machine refused this job"); // what it answered before, it did start
  }

  /** The node is gone, or has forgotten the rest: each line of it gets an error reply. */
  lost(sentence: string): void {
    const reply = encoder.encode(`ERR ${sentence}${this.#form.terminator}`);
    for (const part of this.#parts) {
      const { left: lines, count, run } = part;
      part.left = 0;
      if (lines > 0) {
        run.answered({ lines, bytes: repeated(reply, lines), failed: lines, ends: false });
      }
      // Its cost is unknown, and counts as estimated.
      this.#took(part, this.cost * count / this.#lines);
    }
  }

  #took(part: Part, micros: number, start?: RunStart): void {
    if (part.told || part.left > 0) return;
    part.told = true;
    part.run.took(micros, start);
  }

  #takeBack(part: Part, from: number): void {
    const { run, count, left } = part;
    if (from < count - left || from >= count) return;
    part.count = from;
    part.left -= count - from;
    if (from === 0) part.told = true; // nothing is left of it that could take any time
    run.takeBack(from);
  }
}

/** The bytes, so many times. */
function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let at = 0; at < all.length; at += bytes.length) all.set(bytes, at);
  return all;
}

/** Nodes end each line of a reply with `\n`, and no line holds one: here each becomes `\r\n`. */
function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  let ends = 0;
  for (const byte of bytes) if (byte === 10) ends++;
  const wide = new Uint8Array(bytes.length + ends);
  let at = 0;
  for (const byte of bytes) {
    if (byte === 10) wide[at++] = 13;
    wide[at++] = byte;
  }
  return wide;
}
