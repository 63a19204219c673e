/** The crew of a server: its own workers, if it has any, and the nodes. To the dispatcher they are one set. */

import type { WorkerPool } from "../../half_sync/pool/worker_pool.ts";
import type { NodeShown, WorkerShown } from "../../observe/snapshot.ts";
import type { Capacity, Executor, ExecutorSet } from "../../queueing/executor.ts";
import type { Runners } from "../../runners.ts";
import type { Front } from "./front.ts";

/** Workers here, and workers elsewhere. */
export class Crew implements Runners {
  onLost: ExecutorSet["onLost"] = () => {};
  whenUnpinned: ExecutorSet["whenUnpinned"] = () => Promise.resolve();
  readonly capacity: Capacity;
  readonly failed: Promise<never>;
  readonly #pool: WorkerPool | undefined;
  readonly #front: Front;

  constructor(front: Front, pool: WorkerPool | undefined) {
    this.#front = front;
    this.#pool = pool;
    const [one, other] = [front.capacity, pool?.capacity ?? front.capacity];
    this.capacity = {
      lines: Math.min(one.lines, other.lines),
      bytes: Math.min(one.bytes, other.bytes),
    };
    this.failed = pool?.failed ?? new Promise(() => {});
  }

  set onRoom(onRoom: () => void) {
    this.#front.onRoom = onRoom;
    if (this.#pool !== undefined) this.#pool.onRoom = onRoom;
  }

  get onRoom(): () => void {
    return this.#front.onRoom;
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
