/**
 * A guard against regress in speed: what a line costs through the pool, against the same echo inline
 * in the same run. The bounds are wide, for on a busy machine even CPU times differ: a message or a
 * write for each line breaks them, a tenth more or less does not. docs/performance.md has the figures.
 */

import { assert, assertStringIncludes } from "@std/assert";
import { libModules } from "./helpers/layers.ts";
import { LONG } from "./helpers/long.ts";
import { ServerProcess } from "../scripts/tools/server_process.ts";
import { type Load, measureOnce, type Trial } from "../scripts/measure/rounds.ts";
import { hsha, inline } from "../scripts/measure/servers.ts";
import { TRICKS } from "../scripts/measure/tricks.ts";

/** Bounds on ratios to inline. Those on CPU time hold whoever else uses the processors. */
interface Bounds {
  /** Least lines per second: low, for others may take the processors, but not as low as a stall. */
  rate: number;
  /** Most CPU time per line: of the whole process, and of its reactor. */
  cpu: number;
  main: number;
}

/** A short look, and a longer one if that was bad: the machine may have hiccuped. */
const ATTEMPTS = [{ seconds: 0.6, warmUp: 0.4 }, { seconds: 1.5, warmUp: 0.4 }];

/** The ratios to inline, in one attempt. */
interface Ratios extends Bounds {
  wrong: number;
}

async function compare(
  servers: { pool: ServerProcess; yardstick: ServerProcess },
  options: { load: Load; seconds: number; warmUp: number },
): Promise<Ratios> {
  const base: Trial = await measureOnce(servers.yardstick, options);
  const pool: Trial = await measureOnce(servers.pool, options);
  return {
    wrong: pool.wrong,
    rate: pool.linesPerSecond / base.linesPerSecond,
    cpu: pool.cpu / base.cpu,
    main: pool.main / base.cpu,
  };
}

/** What is out of bounds. Where the system does not tell CPU times, they are NaN and bound nothing. */
function faultsOf({ wrong, rate, cpu, main }: Ratios, bounds: Bounds): string[] {
  const faults: string[] = [];
  if (wrong > 0) faults.push(`${wrong} replies were wrong or missing`);
  if (rate < bounds.rate) faults.push(`${rate.toFixed(3)} of inline's lines per second`);
  if (cpu > bounds.cpu) faults.push(`${cpu.toFixed(1)} × inline's CPU time per line`);
  if (main > bounds.main) faults.push(`${main.toFixed(1)} × that in the reactor alone`);
  return faults;
}

async function guard({ load, bounds }: { load: Load; bounds: Bounds }): Promise<void> {
  await using pool = await ServerProcess.spawn(hsha());
  await using yardstick = await ServerProcess.spawn(inline());
  const found: string[] = [];
  for (const attempt of ATTEMPTS) {
    const faults = faultsOf(await compare({ pool, yardstick }, { load, ...attempt }), bounds);
    if (faults.length === 0) return;
    found.push(faults.join(", "));
  }
  assert(false, `twice too slow: ${found.join("; then ")}`);
}

Deno.test(
  "the pool answers pipelined lines at a cost that is bounded by inline's",
  LONG,
  () =>
    guard({
      load: { connections: 16, window: 64 },
      bounds: { rate: 0.03, cpu: 12, main: 7 },
    }),
);

Deno.test(
  "the pool answers waiting clients at a cost that is bounded by inline's",
  LONG,
  () =>
    guard({
      load: { connections: 64 },
      bounds: { rate: 0.05, cpu: 9, main: 6 },
    }),
);

Deno.test("each trick that is measured is a constant of lib/, by its name", async () => {
  const sources = (await libModules()).map(({ source }) => source).join();
  for (const { tuning } of Object.values(TRICKS)) {
    for (const name of Object.keys(tuning)) assertStringIncludes(sources, `tuned("${name}", `);
  }
});
