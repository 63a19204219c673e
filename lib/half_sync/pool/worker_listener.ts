/** What hears of the workers: their pool. */

import type { Portion } from "../../queueing/executor.ts";
import type { ThrownFault } from "../worker/fault_report.ts";

/** Told of a worker: it has loaded its handler, is sent a batch, has room again, or has ended by itself. */
export interface ListenerTo<Worker> {
  booted(worker: Worker): void;
  begun(worker: Worker, portion: Portion): void;
  freed(worker: Worker): void;
  died(worker: Worker, reason: string): void;
  /** Its heap is too large. */
  grown(worker: Worker): void;
  /** It is in its event loop, or its guard has stopped it: it can be ended. */
  heard(worker: Worker): void;
  /** Its handler threw, in jobs or, if `stray`, outside of any. */
  faulted(worker: Worker, fault: ThrownFault, stray: boolean): void;
}
