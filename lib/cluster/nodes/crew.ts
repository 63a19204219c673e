/** The crew of a server: its own workers, if it has any, and the nodes. To the dispatcher they are one set. */

import type { WorkerPool } from "../../half_sync/pool/worker_pool.ts";
import type { NodeShown, WorkerShown } from "../../observe/snapshot.ts";
import type { Capacity, Executor, ExecutorSet } from "../../queueing/executor.ts";
import type { Runners } from "../../runners.ts";
import type { Front } from "./front.ts";

/** Most lines of one client that run at once on worker machines, as its share of memory is reckoned. */
const PARALLEL = 16;

/** Workers here, and workers elsewhere. */
export class Crew implements Runners {
  onRoom: () => void = () => {};
  onLost: ExecutorSet["onLost"] = () => {};
  whenUnpinned: ExecutorSet["whenUnpinned"] = () => Promise.resolve();
  /** As the front's: it is never more than that of a pool. */
  readonly capacity: Capacity;
  readonly parallel = PARALLEL;
  readonly failed: Promise<never>;
  readonly #pool: WorkerPool | undefined;
  readonly #front: Front;

  constructor(front: Front, pool: WorkerPool | undefined) {
    this.#front = front;
    this.#pool = pool;
    this.capacity = front.capacity;
    this.failed = pool?.failed ?? new Promise(() => {});
    for (const set of [front, ...pool === undefined ? [] : [pool]]) {
      set.onRoom = () => this.onRoom();
    }
  }

  get idleCount(): number {
    return (this.#pool?.idleCount ?? 0) + this.#front.idleCount;
  }

  /** Its own workers first: a line gets there sooner. */
  idle(): Executor | undefined {
    return this.#pool?.idle() ?? this.#front.idle();
  }

  leastBusy(load: number): Executor | undefined {
    const own = this.#pool?.leastBusy(load);
    return this.#front.leastBusy(own?.load ?? load) ?? own;
  }

  get all(): readonly Executor[] {
    return [...this.#pool?.all ?? [], ...this.#front.all];
  }

  get replacements(): Readonly<Record<string, number>> {
    return this.#pool?.replacements ?? {};
  }

  get abandoned(): number {
    return this.#pool?.abandoned ?? 0;
  }

  shown(): WorkerShown[] {
    return this.#pool?.shown() ?? [];
  }

  nodes(): NodeShown[] {
    return this.#front.shown();
  }

  /** Of its own workers; each node loads its handler by itself. */
  async reload(): Promise<void> {
    if (this.#pool === undefined) {
      throw new Error("worker machines have it, and each loads it anew at its own SIGHUP");
    }
    await this.#pool.reload();
  }

  async dispose(seconds: number): Promise<void> {
    await this.#front.close();
    await this.#pool?.dispose(seconds);
  }

  close(): void {
    void this.#front.close();
    this.#pool?.close();
  }
}
