/** Tells from a snapshot whether a server is ready. */

import type { Snapshot } from "./snapshot.ts";

/**
 * Whether connections are served: the server has started, is not stopping, and a worker takes lines, here or
 * on a worker machine. Of several processes, one that is ready is enough.
 */
export function isReady({ state, workers, nodes, processes }: Snapshot): boolean {
  if (processes !== undefined) return state === "ready" && processes.some(({ ready }) => ready);
  return state === "ready" &&
    (workers.some((worker) => worker.state === "idle" || worker.state === "busy") ||
      (nodes ?? []).some(({ credits }) => credits > 0));
}
