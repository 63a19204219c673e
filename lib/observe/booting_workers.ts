/** Workers of which nothing is known yet but that they boot. */

import type { WorkerShown } from "./snapshot.ts";

/** So many workers that boot, by their IDs. */
export function bootingWorkers(workers: number): WorkerShown[] {
  return Array.from({ length: workers }, (_, index) => ({
    id: index + 1,
    state: "booting",
    busySeconds: 0,
    lines: 0,
    inFlight: 0,
    replaced: 0,
  }));
}
