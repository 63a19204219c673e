/**
 * The observer behind the page's slow motion: follows a few lines in a row on their way, while a page shows
 * them. It keeps a line's length and times, never its content.
 */

import type { Answer, Origin, RunStart } from "../queueing/executor.ts";
import type { LineBlock } from "../queueing/line_block.ts";
import type { LineObserver } from "../queueing/line_observer.ts";
import type { Run } from "../queueing/run.ts";
import type { LineSample } from "./line_sample.ts";

/** Lines followed in a row, and most lines followed at once: more would slow the server down. */
const GROUP = 10, MOST = 50;

/** Most samples kept: each snapshot carries them all. */
const KEPT = 50;

/** A line under way; its times are in milliseconds by `performance.now()`. */
interface Followed {
  origin: Origin;
  /** Its position among the lines of its origin, from 0. */
  position: number;
  sample: LineSample;
  /** When its reply came back. */
  back?: number;
}

/** Follows lines, a group at a time. */
export class LineLens implements LineObserver {
  readonly #now: () => number;
  /** When `performance.now()` was 0, in milliseconds since 1970; the same for all samples. */
  readonly #epoch = Date.now() - performance.now();
  #followed: Followed[] = [];
  #samples: readonly LineSample[] = [];
  /** How many of the next lines to follow. */
  #wanted = 0;
  #next = 0;

  /** @param now Gives the time, in milliseconds by `performance.now()`. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Follows the next lines that come, unless too many are being followed. */
  look(): void {
    this.#wanted = this.#followed.length + GROUP > MOST ? 0 : GROUP;
  }

  /** The latest finished lines, oldest first; their times are in milliseconds since 1970. */
  get samples(): readonly LineSample[] {
    return this.#samples;
  }

  accepted(origin: Origin, from: number, lines: LineBlock): number {
    const now = this.#now();
    if (this.#wanted === 0) return now;
    const count = Math.min(this.#wanted, lines.count);
    this.#wanted -= count;
    for (const [index, line] of lines.text.split("\n", count).entries()) {
      const sample: LineSample = {
        id: 0, // set at the end of the line, as IDs count up in that order
        connection: origin.number,
        length: line.length,
        accepted: now,
        outcome: "answered",
      };
      this.#followed.push({ origin, position: from + index, sample });
    }
    return now;
  }

  answered(run: Run, { lines, failed, bytes }: Answer): void {
    const from = run.settled - lines;
    const isError = failed > 0 && failed < lines ? errorsAmong(bytes) : () => failed > 0;
    for (const { line, index } of this.#of(run, from, run.settled)) {
      line.back = this.#now();
      if (isError(index - from)) line.sample.outcome = "failed";
    }
  }

  written(run: Run, from: number, to: number): void {
    for (const { line } of this.#of(run, from, to)) {
      const now = this.#now();
      if (line.back !== undefined && line.back < now) line.sample.held = line.back;
      line.sample.written = now;
      this.#finish(line);
    }
  }

  ran(run: Run, micros: number, { executor, at }: RunStart): void {
    const each = micros / run.count / 1000;
    for (const { line, index } of this.#of(run, 0, run.count)) {
      line.sample.worker = executor;
      line.sample.started = Math.max(line.sample.accepted, at + index * each);
      line.sample.ended = line.sample.started + each;
      this.#finish(line);
    }
  }

  dropped(origin: Origin, last: number): void {
    const isGone = (line: Followed) => line.origin === origin && line.position > last;
    for (const line of this.#followed.filter(isGone)) {
      if (line.sample.written === undefined) line.sample.outcome = "gone";
      this.#keep(line);
    }
  }

  /** The followed ones among a run's lines `from` to `to` (exclusive). */
  #of(run: Run, from: number, to: number): { line: Followed; index: number }[] {
    return this.#followed
      .filter(({ origin }) => origin === run.origin)
      .map((line) => ({ line, index: line.position - run.position }))
      .filter(({ index }) => index >= from && index < to);
  }

  /** A line is finished when its reply is out and its worker has said how long it took. */
  #finish(line: Followed): void {
    const { written, ended } = line.sample;
    if (written !== undefined && ended !== undefined) this.#keep(line);
  }

  #keep(line: Followed): void {
    this.#followed = this.#followed.filter((other) => other !== line);
    const sample = { ...dated(line.sample, this.#epoch), id: this.#next++ };
    this.#samples = [...this.#samples, sample].slice(-KEPT);
  }
}

/** A sample with times since 1970, none behind the last: the worker's clock may be slightly off. */
function dated(sample: LineSample, epoch: number): LineSample {
  const { accepted, started, ended, held, written } = sample;
  const last = written ?? Infinity;
  const date = (time: number | undefined) =>
    time === undefined ? undefined : epoch + Math.min(time, last);
  return {
    ...sample,
    accepted: epoch + accepted,
    started: date(started),
    ended: date(ended),
    held: date(held),
    written: date(written),
  };
}

/** Tells which replies are error replies, by their index; each of them must be one line. */
function errorsAmong(bytes: Uint8Array): (index: number) => boolean {
  const replies = new TextDecoder("latin1").decode(bytes).split("\n");
  return (index) => replies[index]?.startsWith("ERR ") ?? false;
}
