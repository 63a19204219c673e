/**
 * `deno task howto:measure`: takes all measurements of docs/howto, about a minute and a half on a
 * quiet machine with Linux, and brings the pages up to date. Arguments name experiments to take
 * alone, as in `deno task howto:measure measureStall`; the other figures stay, if they are of this
 * machine. With `--now` it measures at once, and does not mind if the machine is busy.
 */

import { buildHowto } from "./howto_build.ts";
import * as bytes from "./howto/measure_bytes.ts";
import * as failure from "./howto/measure_failure.ts";
import * as memory from "./howto/measure_memory.ts";
import * as real from "./howto/measure_real.ts";
import * as order from "./howto/measure_order.ts";
import * as workers from "./howto/measure_workers.ts";
import { type Findings, type Measured, parseMeasured, printMeasured } from "./howto/measured.ts";
import { MEASURED } from "./howto/pages.ts";
import { partFault, thisMachine } from "./howto/part_of_run.ts";
import { inQuiet } from "./howto/quiet.ts";

const EXPERIMENTS: Record<string, () => Promise<Findings>> = {
  ...bytes,
  ...workers,
  ...order,
  ...memory,
  ...failure,
  ...real,
};

/** Takes the measurements. @returns the exit code: 0, or 2 where the arguments will not do */
export async function main(args: readonly string[]): Promise<number> {
  const chosen = args.filter((arg) => arg !== "--now");
  const attempts = chosen.length < args.length ? 0 : 3;
  const machine = await thisMachine();
  const kept: Measured = chosen.length > 0
    ? parseMeasured(Deno.readTextFileSync(MEASURED))
    : { machine: "", figures: {}, series: {} };
  const fault = partFault(chosen, { experiments: EXPERIMENTS, kept, machine });
  if (fault !== undefined) {
    console.error(fault);
    return 2;
  }
  const measured = { ...kept, machine };
  for (const name of chosen.length > 0 ? chosen : Object.keys(EXPERIMENTS)) {
    const { found: { figures, series }, others } = await inQuiet(EXPERIMENTS[name], attempts);
    console.error(`${name}, while others used ${others.toFixed(2)} cores`);
    Object.assign(measured.figures, figures);
    Object.assign(measured.series, series);
  }
  Deno.writeTextFileSync(MEASURED, printMeasured(measured));
  await buildHowto();
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
