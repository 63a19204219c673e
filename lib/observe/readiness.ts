/** Whether a server is ready, by what it shows of itself. */

import type { Snapshot } from "./snapshot.ts";

/**
 * Whether connections are served: the server has started, is not stopping, and a worker takes lines. Of
 * several processes one is enough.
 */
export function isReady({ state, workers, nodes, processes }: Snapshot): boolean {
  if (processes !== undefined) return state === "ready" && processes.some(({ ready }) => ready);
  return state === "ready" &&
    (workers.some((worker) => worker.state === "idle" || worker.state === "busy") ||
      (nodes ?? []).some(({ credits }) => credits > 0));
}
