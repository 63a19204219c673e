/**
 * `deno task howto:build`: puts the programs and the measured figures into the pages of docs/howto,
 * and draws the charts. It measures nothing.
 */

import { drawCharts } from "./howto/charts.ts";
import { format } from "./format.ts";
import { fillPage, HOWTO, pageNames, sourcesOnDisk } from "./howto/pages.ts";

/** Brings pages and charts up to date. */
export async function buildHowto(): Promise<void> {
  const sources = sourcesOnDisk();
  for (const name of pageNames()) {
    const file = new URL(name, HOWTO);
    Deno.writeTextFileSync(file, fillPage(Deno.readTextFileSync(file), sources));
  }
  for (const [name, svg] of Object.entries(drawCharts(sources.measured))) {
    Deno.writeTextFileSync(new URL(name, HOWTO), svg);
  }
  // A figure of another length shifts the columns of a table, and SVG is formatted here, too.
  await format([HOWTO]);
}

if (import.meta.main) await buildHowto();
