/**
 * What each trick in lib/ gains: the server against one in which another value of one constant takes the
 * trick out. The ratios are those of the server with the trick to the one without.
 */

import { Notes } from "./figures.ts";
import { makeJob, nanosPerStep } from "./job.ts";
import { LOADS } from "./hop.ts";
import { type Load, measureServers } from "./rounds.ts";
import { hsha, type Tuning } from "./servers.ts";

/** A trick: how it is taken out, and the loads that show it. */
interface Trick {
  tuning: Tuning;
  loads: Record<string, Load>;
  /** Microseconds that a job takes. @default {0} */
  job?: number;
}

const { pp1, pp64, w64x16, w512x4 } = LOADS;
const long = { ...w64x16, size: 1024 };

/** The tricks by name. */
export const TRICKS: Record<string, Trick> = {
  batches: {
    tuning: { batchLines: 1 },
    loads: { w64x16, pp64 },
  },
  sizedByCost: {
    tuning: { batchWork: 1e9 },
    job: 50,
    loads: { w64x16 },
  },
  ahead: {
    tuning: { slots: 1 },
    job: 50,
    loads: { w64x16 },
  },
  aheadShort: {
    tuning: { workAhead: 1000 },
    loads: { w512x4 },
  },
  awake: {
    tuning: { park: 0 },
    loads: { pp1, pp64 },
  },
  around: {
    tuning: { around: 0 },
    loads: { pp64, w64x16 },
  },
  burst: {
    tuning: { largestRead: 16 * 1024 },
    loads: { w512x4, "w64x16-1k": long },
  },
  stock: {
    tuning: { stock: 0 },
    loads: { "w64x16-1k": long },
  },
  shortReplies: {
    tuning: { shortReply: 0 },
    loads: { w64x16 },
  },
};

/** Every trick on against off. */
export async function measureTricks(): Promise<Notes> {
  const notes = new Notes();
  for (const [name, trick] of Object.entries(TRICKS)) {
    await using job = await makeJob({ steps: (trick.job ?? 0) * 1000 / nanosPerStep() });
    const args = trick.job === undefined ? [] : ["--handler", job.file];
    const servers = { without: hsha({ args, tuning: trick.tuning }), with: hsha({ args }) };
    for (const [load, numbers] of Object.entries(trick.loads)) {
      const found = await measureServers(servers, numbers, { rounds: 7, seconds: 0.8 });
      for (const [server, summary] of Object.entries(found)) {
        notes.addServer(`trick.${name}.${load}.${server}`, summary);
      }
    }
  }
  return notes;
}
