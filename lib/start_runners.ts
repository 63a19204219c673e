/**
 * The start of what runs a server's lines: its own workers, worker machines, or both. Whatever else is to run
 * them is started here, and the rest of the server sees only the port.
 */

import { Crew } from "./cluster/nodes/crew.ts";
import { firstNode, startFront } from "./cluster/nodes/start_front.ts";
import type { PoolOptions } from "./half_sync/pool/pool_options.ts";
import { WorkerPool } from "./half_sync/pool/worker_pool.ts";
import type { EventListener } from "./observe/events.ts";
import type { Settings } from "./option_check.ts";
import type { Runners } from "./runners.ts";
import type { Service } from "./service.ts";

/** What runners are started with. */
export interface RunnersStart {
  settings: Settings;
  /** Learns what the handler exports, here or on a worker machine. */
  service: Service;
  /** What this server's own workers need beside its settings. */
  own: Pick<PoolOptions, "handler" | "worker" | "descriptors">;
  onEvent: EventListener;
}

/**
 * Starts them: they can run lines when the promise resolves, or the signal has aborted.
 *
 * @throws {Error} in one sentence, if they cannot
 */
export async function startRunners(start: RunnersStart): Promise<Runners> {
  const { settings, service, own, onEvent } = start;
  const front = await startFront({
    settings,
    form: () => service,
    suits: (hello) => service.objection(hello),
    onEvent,
  });
  try {
    const pool = settings.workers === 0 ? undefined : await WorkerPool.start({
      ...settings,
      ...own,
      settle: (exports) => service.settle(exports),
      onEvent,
    });
    if (front === undefined) return pool!; // only worker machines stand in for all workers
    await firstNode(front, settings, onEvent);
    return new Crew(front, pool);
  } catch (error) {
    await front?.close();
    throw error;
  }
}
