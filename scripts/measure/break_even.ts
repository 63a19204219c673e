/**
 * The cost of a job at which the pool begins to answer more lines than the same handler inline. It is
 * read off where the ratio passes 1, for jobs from nothing to 20 ms. The CPU times of the reactor and
 * the workers in the same runs tell how many cores the reactor could keep busy with such jobs.
 */

import { Notes } from "./figures.ts";
import { makeJob, nanosPerStep } from "./job.ts";
import { LOADS } from "./hop.ts";
import { type Load, measureServers } from "./rounds.ts";
import { hsha, inline } from "./servers.ts";

/** Costs in microseconds. */
const COSTS = [0, 1, 5, 10, 20, 50, 100, 1000, 20_000];

/** The pool against inline, by the job's cost, under one load. */
export async function measureBreakEven(name: string): Promise<Notes> {
  const notes = new Notes();
  let free: number | undefined;
  const ratios: [cost: number, ratio: number][] = [];
  for (const cost of COSTS) {
    await using job = await makeJob({ steps: cost * 1000 / nanosPerStep() });
    const servers = {
      inline: inline(job.file),
      hsha: hsha({ args: ["--handler", job.file] }),
    };
    const seconds = cost >= 1000 ? 1.5 : 0.6;
    const load = fitting(LOADS[name], cost);
    const found = await measureServers(servers, load, { rounds: 3, seconds, warmUp: 0.9 });
    free ??= found.inline.cpu;
    // What the job really cost inline, in the same rounds: the machine's speed is not always the same.
    const real = found.inline.cpu - free;
    ratios.push([Number.isNaN(real) ? cost : real, found.hsha.rateRatio]);
    if (!Number.isNaN(real)) notes.add(`job.${name}.${cost}.real`, real, "µs");
    notes.addServer(`job.${name}.${cost}.inline`, found.inline);
    notes.addServer(`job.${name}.${cost}.hsha`, found.hsha);
    const { main, others } = found.hsha;
    if (!Number.isNaN(main)) {
      notes.add(`feed.${name}.${cost}`, others / main, "cores");
      notes.add(`feed.${name}.${cost}.capacity`, 1e6 / main, "lines/s");
    }
    notes.point(`job.${name}`, cost, found.hsha.rateRatio);
  }
  notes.add(`breakEven.${name}`, crossing(ratios), "µs");
  return notes;
}

/** The load, with less under way where jobs are long: a second of work for one worker at the most. */
function fitting({ connections = 1, window = 1 }: Load, cost: number): Load {
  const lines = Math.max(16, Math.floor(1e6 / Math.max(1, cost)));
  const clients = Math.min(connections, lines);
  return { connections: clients, window: Math.min(window, Math.ceil(lines / clients)) };
}

/** Where the ratio passes 1 for good, between the two costs around it. */
function crossing(ratios: readonly (readonly [cost: number, ratio: number])[]): number {
  const last = ratios.findLastIndex(([, ratio]) => ratio < 1);
  if (last < 0) return ratios[0][0];
  const [[below, low], above] = [ratios[last], ratios[last + 1]];
  if (above === undefined) throw new Error("the pool never beat inline");
  return below + (above[0] - below) * (1 - low) / (above[1] - low);
}
