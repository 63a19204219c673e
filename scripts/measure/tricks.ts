/**
 * What each trick in lib/ gains: the server against a copy in which the trick is taken out by one
 * changed constant. The ratios are those of the server with the trick to the one without.
 */

import { Notes } from "./figures.ts";
import { makeJob, nanosPerStep } from "./job.ts";
import { LOADS } from "./hop.ts";
import { type Load, measureServers } from "./rounds.ts";
import { type Change, changedCopy, hsha } from "./servers.ts";

/** A trick: how it is taken out, and the loads that show it. */
interface Trick extends Change {
  loads: Record<string, Load>;
  /** Microseconds that a job takes. @default {0} */
  job?: number;
}

const { pp1, pp64, w64x16, w512x4 } = LOADS;
const long = { ...w64x16, size: 1024 };

/** The tricks by name. */
export const TRICKS: Record<string, Trick> = {
  batches: {
    file: "half_sync/memory/batch_slot.ts",
    from: "export const MAX_BATCH_LINES = 1024;",
    to: "export const MAX_BATCH_LINES = 1;",
    loads: { w64x16, pp64 },
  },
  sizedByCost: {
    file: "queueing/dispatcher.ts",
    from: "const MAX_BATCH = 1000;",
    to: "const MAX_BATCH = 1e9;",
    job: 50,
    loads: { w64x16 },
  },
  ahead: {
    file: "half_sync/pool/worker_host.ts",
    from: "const SLOTS = 2;",
    to: "const SLOTS = 1;",
    job: 50,
    loads: { w64x16 },
  },
  aheadShort: {
    file: "queueing/dispatcher.ts",
    from: "const MIN_AHEAD = 50;",
    to: "const MIN_AHEAD = MAX_BATCH;",
    loads: { w512x4 },
  },
  awake: {
    file: "half_sync/worker/job_loop.ts",
    from: "const PARK = 20;",
    to: "const PARK = 0;",
    loads: { pp1, pp64 },
  },
  around: {
    file: "half_async/line_framer.ts",
    from: "if (torn || this.#torn) return",
    to: "if (torn || !torn) return",
    loads: { pp64, w64x16 },
  },
  burst: {
    file: "half_async/read_buffer.ts",
    from: "const MAX_SIZE = 80 * 1024;",
    to: "const MAX_SIZE = 16 * 1024;",
    loads: { w512x4, "w64x16-1k": long },
  },
  stock: {
    file: "half_async/buffer_stock.ts",
    from: "const KEPT = 2 * 1024 * 1024;",
    to: "const KEPT = 0;",
    loads: { "w64x16-1k": long },
  },
  shortReplies: {
    file: "half_sync/worker/reply_writer.ts",
    from: "const SHORT_REPLY = 64;",
    to: "const SHORT_REPLY = 0;",
    loads: { w64x16 },
  },
};

/** Every trick on against off. */
export async function measureTricks(): Promise<Notes> {
  const notes = new Notes();
  for (const [name, trick] of Object.entries(TRICKS)) {
    const folder = await changedCopy(trick);
    await using job = await makeJob({ steps: (trick.job ?? 0) * 1000 / nanosPerStep() });
    const args = trick.job === undefined ? [] : ["--handler", job.file];
    try {
      const servers = { without: hsha({ args, folder }), with: hsha({ args }) };
      for (const [load, numbers] of Object.entries(trick.loads)) {
        const found = await measureServers(servers, numbers, { rounds: 7, seconds: 0.8 });
        for (const [server, summary] of Object.entries(found)) {
          notes.addServer(`trick.${name}.${load}.${server}`, summary);
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return notes;
}
