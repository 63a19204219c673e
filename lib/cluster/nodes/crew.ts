/** The crew of a server: its own workers, if it has any, and those of nodes. The dispatcher sees one set. */

import type { WorkerPool } from "../../half_sync/pool/worker_pool.ts";
import type { NodeShown, WorkerShown } from "../../observe/snapshot.ts";
import type { Capacity, Executor, ExecutorSet } from "../../queueing/executor.ts";
import type { Runners } from "../../runners.ts";
import type { Front } from "./front.ts";

/** The most lines of one client that run at once on worker machines; its share of memory is reckoned by it. */
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

  /** Reloads its own workers; each node reloads by itself. */
  async reload(): Promise<void> {
    if (this.#pool === undefined) {
      throw new Error("only worker machines have one; each loads it anew at its own SIGHUP");
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
