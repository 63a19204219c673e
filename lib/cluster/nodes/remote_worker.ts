/**
 * A worker of a node, as the dispatcher of a front sees it: an executor with room for two batches, like one
 * of the front's own. The node decides which of its workers runs them.
 */

import type { Executor, Portion } from "../../queueing/executor.ts";
import type { RemoteBatch } from "./remote_batch.ts";

/** Batches for one worker: one to run, one to go on with. */
const SLOTS = 2;

/** What sends a node its batches. */
export interface RemoteOwner {
  /** Whether the node takes batches now for the worker of this place, from 0. */
  takes(place: number): boolean;
  /** Sends a batch for one of the node's workers. @returns the batch, if it is under way */
  send(portion: Portion, worker: RemoteWorker): RemoteBatch | undefined;
}

/** One worker of a node. */
export class RemoteWorker implements Executor {
  readonly id: number;
  readonly #place: number;
  readonly #owner: RemoteOwner;
  readonly #batches = new Set<RemoteBatch>();

  /** @param place Which of its node's workers it is, from 0 */
  constructor(id: number, place: number, owner: RemoteOwner) {
    this.id = id;
    this.#place = place;
    this.#owner = owner;
  }

  get load(): number {
    let sum = 0;
    for (const { load } of this.#batches) sum += load;
    return sum;
  }

  get idle(): boolean {
    return this.#batches.size === 0;
  }

  get hasRoom(): boolean {
    return this.#batches.size < SLOTS && this.#owner.takes(this.#place);
  }

  send(portion: Portion): void {
    const batch = this.#owner.send(portion, this);
    if (batch !== undefined) this.#batches.add(batch);
  }

  /** Nothing more comes of a batch. */
  done(batch: RemoteBatch): void {
    this.#batches.delete(batch);
  }
}
