/** Port of the server to what runs its lines: a pool of workers, or a crew that has worker machines, too. */

import type { NodeShown, WorkerShown } from "./observe/snapshot.ts";
import type { ExecutorSet } from "./queueing/executor.ts";

/** What runs lines, from the start of a server to its end. */
export interface Runners extends ExecutorSet {
  /** How many lines of one client are expected to run at once; its share of memory follows from it. */
  readonly parallel: number;
  /** Rejects when it cannot go on. */
  readonly failed: Promise<never>;
  /** Workers replaced, by reason. */
  readonly replacements: Readonly<Record<string, number>>;
  /** Workers that were given up, stuck in a job, and have not come back. */
  readonly abandoned: number;
  /** The workers of this process, for a snapshot. */
  shown(): WorkerShown[];
  /** The worker machines, for a snapshot. */
  nodes?(): NodeShown[];
  /** Loads the handler anew. @throws {Error} if it cannot be loaded; the old one stays */
  reload(): Promise<void>;
  /** Lets handlers dispose of their resources, for at most `seconds`. */
  dispose(seconds: number): Promise<void>;
  /** Ends all that runs here. */
  close(): void;
}
