/** `hsha --check`: finds what would keep a server from starting, without listening at its address. */

import { DescriptorReserve } from "../descriptors.ts";
import { handlerUrl } from "../handlers/mod.ts";
import { programWorkers } from "../handlers/programs.ts";
import { WorkerPool } from "../half_sync/pool/worker_pool.ts";
import { resolveOptions } from "../option_check.ts";
import type { ServeOptions } from "../options.ts";
import { Service } from "../service.ts";

/**
 * Checks the options, the certificate and its key, and whether one worker can load the handler.
 *
 * @throws {Error} What a start with these options would say.
 */
export async function checkStart(options: ServeOptions): Promise<void> {
  const settings = resolveOptions({ ...options, workers: 1 });
  const { tls, signal, onEvent = () => {} } = settings;
  // Deno checks a certificate only when it listens: so it does, for a moment, on a port that nobody knows.
  if (tls) Deno.listenTls({ ...tls, hostname: "127.0.0.1", port: 0 }).close();
  const handler = handlerUrl(settings.handler);
  const service = new Service(options, onEvent);
  const descriptors = new DescriptorReserve();
  try {
    const pool = await WorkerPool.start({
      ...settings,
      ...programWorkers(settings, onEvent),
      settle: (exports) => service.settle(exports),
      onEvent,
      descriptors,
      handler,
    });
    pool.close();
    signal?.throwIfAborted();
  } finally {
    descriptors.close();
  }
}
