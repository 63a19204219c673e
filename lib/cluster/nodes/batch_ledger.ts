/** The batches that a node has: the front's account of them, by their numbers. */

import type { Portion } from "../../queueing/executor.ts";
import type { WireRecord } from "./protocol.ts";
import { RemoteBatch, type ReplyForm } from "./remote_batch.ts";
import type { RemoteWorker } from "./remote_worker.ts";

/** A front's batches at one node. */
export class BatchLedger {
  readonly #form: () => ReplyForm;
  readonly #batches = new Map<number, { batch: RemoteBatch; worker: RemoteWorker }>();
  #sent = 0;

  constructor(form: () => ReplyForm) {
    this.#form = form;
  }

  /** Batches sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether the node has none. */
  get empty(): boolean {
    return this.#batches.size === 0;
  }

  /** Lines that the node has. */
  get lines(): number {
    let lines = 0;
    for (const { batch } of this.#batches.values()) lines += batch.unanswered;
    return lines;
  }

  /** The next batch; it counts once it is {@linkcode add}ed. */
  draft(portion: Portion): RemoteBatch {
    return new RemoteBatch(this.#sent + 1, portion, this.#form());
  }

  /** A batch has been sent, for one of the node's workers. */
  add(batch: RemoteBatch, worker: RemoteWorker): void {
    this.#sent = batch.number;
    this.#batches.set(batch.number, { batch, worker });
  }

  /** The node tells what became of batches; the bytes of its answers follow one another. */
  take(records: readonly WireRecord[], rest: Uint8Array): void {
    let at = 0;
    for (const record of records) {
      const under = this.#batches.get(record[1]);
      const size = record[0] === "answer" ? record[6] : record[0] === "part" ? record[3] : 0;
      const bytes = rest.subarray(at, at += size);
      if (under === undefined) continue;
      const { batch, worker } = under;
      if (record[0] === "refused") this.refused(record[1]);
      else if (record[0] === "done") this.#lost(record[1], "the worker machine has lost this job");
      else batch.take(record, { bytes, executor: worker.id });
    }
  }

  /** A batch was not started, and will not be. */
  refused(number: number): void {
    this.#batches.get(number)?.batch.refused();
    this.#remove(number);
  }

  /** All that the node has not answered is lost. */
  lose(sentence: string): void {
    for (const number of [...this.#batches.keys()]) this.#lost(number, sentence);
  }

  #lost(number: number, sentence: string): void {
    this.#batches.get(number)?.batch.lost(sentence);
    this.#remove(number);
  }

  #remove(number: number): void {
    const under = this.#batches.get(number);
    this.#batches.delete(number);
    under?.worker.done(under.batch);
  }
}
