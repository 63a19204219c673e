/**
 * `deno task measure`: measures what the design costs and where it ends, about fifteen minutes on a
 * quiet Linux machine. Writes docs/performance.json, the charts, and the tables and figures of
 * docs/performance.md, docs/downsides.md and the README. Arguments name experiments to take alone; the
 * other figures stay, if they are of this machine. `--pages` measures nothing.
 */

import { format } from "./format.ts";
import { type Findings, type Measured, parseMeasured, printMeasured } from "./howto/measured.ts";
import { partFault, thisMachine } from "./howto/part_of_run.ts";
import * as alternatives from "./measure/alternatives.ts";
import { measureBreakEven } from "./measure/break_even.ts";
import { drawCharts } from "./measure/charts.ts";
import { measureFailures } from "./measure/failures.ts";
import { measureGuarantees, measureSerial } from "./measure/guarantees.ts";
import { measureHop } from "./measure/hop.ts";
import { measureIsolation } from "./measure/isolation.ts";
import { measureMemory } from "./measure/memory.ts";
import { measureOrder } from "./measure/ordering.ts";
import { fillPage } from "./measure/page.ts";
import { measurePieces } from "./measure/pieces.ts";
import * as scaling from "./measure/scaling.ts";
import { measureTricks } from "./measure/tricks.ts";

const DOCS = new URL("../docs/", import.meta.url);
const MEASURED = new URL("performance.json", DOCS);

/** The pages that hold figures. */
export const PAGES = ["performance.md", "downsides.md", "../README.md"];

/** A run in which nothing was measured. */
const nothing = (): Measured => ({ machine: "", figures: {}, series: {} });

const EXPERIMENTS: Record<string, () => Promise<Findings>> = {
  hop: measureHop,
  breakEvenAhead: () => measureBreakEven("w64x16"),
  breakEvenWaiting: () => measureBreakEven("pp64"),
  guaranteesAhead: () => measureGuarantees("w64x16"),
  guaranteesWaiting: () => measureGuarantees("pp64"),
  serial: measureSerial,
  connections: scaling.measureConnections,
  length: scaling.measureLength,
  workers: scaling.measureWorkers,
  tricks: measureTricks,
  pieces: measurePieces,
  memory: measureMemory,
  isolation: measureIsolation,
  order: measureOrder,
  failures: measureFailures,
  processes: alternatives.measureProcesses,
};

/** Runs the measurements. @returns the exit code: 0, or 2 where the arguments will not do */
export async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== "--pages");
  const machine = await thisMachine();
  const kept = args.length === 0 ? nothing() : await read();
  const fault = partFault(names, { experiments: EXPERIMENTS, kept, machine });
  if (fault !== undefined) {
    console.error(fault);
    return 2;
  }
  const measured = { ...kept, machine: args.includes("--pages") ? kept.machine : machine };
  for (const name of args.length === 0 ? Object.keys(EXPERIMENTS) : names) {
    const begun = performance.now();
    const { figures, series } = await EXPERIMENTS[name]();
    Object.assign(measured.figures, figures);
    Object.assign(measured.series, series);
    await Deno.writeTextFile(MEASURED, printMeasured(measured));
    console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  await writePages(measured);
  return 0;
}

async function read(): Promise<Measured> {
  try {
    return parseMeasured(await Deno.readTextFile(MEASURED));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return nothing();
    throw error;
  }
}

/** Charts and pages, as `deno fmt` would leave them: a figure of another length shifts a table. */
async function writePages(measured: Measured): Promise<void> {
  const written: URL[] = [];
  const write = async (name: string, text: string) => {
    const file = new URL(name, DOCS);
    await Deno.writeTextFile(file, text);
    written.push(file);
  };
  for (const [name, chart] of Object.entries(drawCharts(measured))) await write(name, chart);
  for (const name of PAGES) {
    await write(name, fillPage(await Deno.readTextFile(new URL(name, DOCS)), measured));
  }
  await format(written);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
