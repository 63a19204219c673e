/** Port of the server to what runs its lines: a pool of workers, or a crew with worker machines in it. */

import type { NodeShown, WorkerShown } from "./observe/snapshot.ts";
import type { ExecutorSet } from "./queueing/executor.ts";

/** What runs lines, from the start of a server to its end. */
export interface Runners extends ExecutorSet {
  /** How many lines of one client are expected to run at once; its share of memory follows from it. */
  readonly parallel: number;
  /** Rejects when it cannot go on. */
  readonly failed: Promise<never>;
  /** Workers that took the place of others, by reason. */
  readonly replacements: Readonly<Record<string, number>>;
  /** Workers given up that have not come back. */
  readonly abandoned: number;
  shown(): WorkerShown[];
  nodes?(): NodeShown[];
  reload(): Promise<void>;
  dispose(seconds: number): Promise<void>;
  close(): void;
}
