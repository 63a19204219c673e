/** A batch of a front, on the node's side: its runs are what the node's workers run. */

import type {
  Answer,
  JobRun,
  Origin,
  Portion,
  RunKind,
  RunStart,
} from "../../queueing/executor.ts";
import type { WireRecord } from "./protocol.ts";

/** Hears what becomes of a batch. */
export interface BatchListener {
  /** Something has become of a run. `bytes`, valid during the call, are those of an answer. */
  record(record: WireRecord, bytes?: Uint8Array): void;
  /** Nothing more comes of the batch. */
  done(batch: ForeignBatch): void;
}

/** A run as it came from the front. */
export interface ForeignLines {
  kind: RunKind;
  origin: Origin;
  text: string;
  count: number;
}

/** Runs that a front has sent together. */
export class ForeignBatch implements Portion<ForeignRun> {
  readonly number: number;
  readonly cost: number;
  readonly unanswered: number;
  readonly runs: ForeignRun[];
  readonly #listener: BatchListener;
  #open: number;

  constructor(
    { number, cost, runs }: { number: number; cost: number; runs: ForeignLines[] },
    listener: BatchListener,
  ) {
    this.number = number;
    this.cost = cost;
    this.#listener = listener;
    this.#open = runs.length;
    this.unanswered = runs.reduce((sum, { count }) => sum + count, 0);
    this.runs = runs.map((lines, index) => new ForeignRun(index, lines, this));
  }

  /** Something has become of a run. */
  record(record: WireRecord, bytes?: Uint8Array): void {
    this.#listener.record(record, bytes);
  }

  /** Nothing more comes of a run. */
  ended(): void {
    if (--this.#open > 0) return;
    this.#listener.record(["done", this.number]);
    this.#listener.done(this);
  }
}

/** Lines of one client of a front. */
class ForeignRun implements JobRun {
  readonly kind: RunKind;
  readonly origin: Origin;
  readonly text: string;
  /** Lines to run here; fewer once some have been taken back. */
  count: number;
  readonly #index: number;
  readonly #batch: ForeignBatch;

  constructor(index: number, { kind, origin, text, count }: ForeignLines, batch: ForeignBatch) {
    this.#index = index;
    this.kind = kind;
    this.origin = origin;
    this.text = text;
    this.count = count;
    this.#batch = batch;
  }

  answered({ lines, bytes, failed, ends }: Answer): void {
    const { number } = this.#batch;
    const end = ends ? 1 : 0;
    this.#batch.record(
      ["answer", number, this.#index, lines, failed, end, bytes.length],
      bytes,
    );
  }

  took(micros: number, start?: RunStart): void {
    const age = start === undefined ? 0 : performance.now() - start.at;
    const tenths = (value: number) => Math.round(value * 10) / 10;
    this.#batch.record(["took", this.#batch.number, this.#index, tenths(micros), tenths(age)]);
    this.#batch.ended();
  }

  stalled(micros: number): void {
    this.#batch.record(["stalled", this.#batch.number, this.#index, Math.round(micros)]);
  }

  /** The front may give those lines to any other node. */
  takeBack(from: number): void {
    this.count = from;
    this.#batch.record(["back", this.#batch.number, this.#index, from]);
    if (from === 0) this.#batch.ended();
  }
}
