/** What a pool of workers is told when it starts. */

import type { DescriptorReserve } from "../../descriptors.ts";
import type { EventListener } from "../../observe/events.ts";
import type { Bell } from "../memory/hop.ts";
import type { WorkerOptions } from "./box.ts";

/** Options of a pool of workers. */
export interface PoolOptions extends Omit<WorkerOptions, "accounts" | "bell"> {
  /** Size of the fixed set. */
  workers: number;
  /** Seconds that a worker which is to end may be kept. */
  drainTimeout: number;
  /** Largest heap of a worker in MiB, for the log. */
  maxHeap?: number;
  /** So many stuck workers end the pool. */
  maxAbandoned: number;
  /** What a worker starts with when clients have taken everything else. */
  descriptors: DescriptorReserve;
  /** When it aborts, the start waits for the workers no longer. */
  signal?: AbortSignal;
  /** @default {one of its own} */
  bell?: Bell;
  onEvent: EventListener;
}
