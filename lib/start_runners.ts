/**
 * The start of what runs a server's lines: its own workers, worker machines, or both. Anything else that is to
 * run them starts here, too; the rest of the server sees only the port.
 */

import { Crew } from "./cluster/nodes/crew.ts";
import { firstNode, startFront } from "./cluster/nodes/start_front.ts";
import type { PoolOptions } from "./half_sync/pool/pool_options.ts";
import { WorkerPool } from "./half_sync/pool/worker_pool.ts";
import type { EventListener } from "./observe/events.ts";
import type { Settings } from "./option_check.ts";
import type { Runners } from "./runners.ts";
import type { Service } from "./service.ts";

/** What {@linkcode startRunners} needs. */
export interface RunnersStart {
  settings: Settings;
  /** Is told what the handler exports, here or on a worker machine. */
  service: Service;
  /** What this server's own workers need besides its settings. */
  own: Pick<PoolOptions, "handler" | "worker" | "descriptors">;
  onEvent: EventListener;
}

/**
 * Starts the runners. When the promise resolves they can run lines, unless the signal has aborted.
 *
 * @throws {Error} in one sentence, if they cannot be started
 */
export async function startRunners(start: RunnersStart): Promise<Runners> {
  const { settings, service, own, onEvent } = start;
  const front = await startFront({
    settings,
    form: () => service,
    suits: (hello) => service.objection(hello),
    onEvent,
  });
  let pool: WorkerPool | undefined;
  try {
    pool = settings.workers === 0 ? undefined : await WorkerPool.start({
      ...settings,
      ...own,
      settle: (exports) => service.settle(exports),
      onEvent,
    });
    if (front === undefined) return pool!; // sound: a server without worker machines has workers
    await firstNode(front, settings, onEvent);
    return new Crew(front, pool);
  } catch (error) {
    pool?.close();
    await front?.close();
    throw error;
  }
}
