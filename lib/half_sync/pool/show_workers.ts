/** What a pool shows of its workers: for each ID, the worker that has it, and what it is at. */

import type { WorkerShown } from "../../observe/snapshot.ts";
import type { LateWorkers } from "./late_workers.ts";
import type { WorkerAccounts } from "./worker_account.ts";
import type { WorkerHost } from "./worker_host.ts";
import type { WorkerSet } from "./worker_set.ts";

/** Where a pool keeps its workers. */
export interface WorkerPlaces {
  places: WorkerSet;
  late: LateWorkers;
  accounts: WorkerAccounts;
}

/** One for each ID, in order. */
export function showWorkers({ places, late, accounts }: WorkerPlaces): WorkerShown[] {
  const now = performance.now();
  return places.ids.map((id) => {
    const worker = places.at(id) ?? late.all.find((late) => late.id === id);
    const account = accounts.of(id);
    const atWork = worker === undefined || worker.idle ? undefined : worker.watch;
    return {
      id,
      state: worker === undefined ? "booting" : stateOf(worker, late),
      ...atWork !== undefined && { busySince: Date.now() - atWork.lineAge(now) },
      busySeconds: account.busySeconds(atWork?.batchAge(now) ?? 0),
      lines: account.lines,
      inFlight: worker?.inFlight ?? 0,
      ...worker !== undefined && worker.heapBytes > 0 && { heapBytes: worker.heapBytes },
      bootSeconds: account.bootSeconds,
      replaced: account.replaced,
    };
  });
}

function stateOf(worker: WorkerHost, late: LateWorkers): WorkerShown["state"] {
  switch (worker.state) {
    case "ready":
      return worker.idle ? "idle" : "busy";
    case "late":
    case "gone":
      return late.isStuck(worker) ? "stuck" : "late";
    case "retiring":
    case "booting":
      return worker.state;
  }
}
