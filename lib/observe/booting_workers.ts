/** What is shown of workers before they report anything: that they boot. */

import type { WorkerShown } from "./snapshot.ts";

/** That many booting workers, in the order of their IDs. */
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
