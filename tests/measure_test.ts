/**
 * The measurements' pages hold what was measured, and a run that takes a part of them says of no
 * figure that it is of another machine.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseMeasured } from "../scripts/howto/measured.ts";
import { partFault, thisMachine } from "../scripts/howto/part_of_run.ts";
import { main as measureHowto } from "../scripts/howto_measure.ts";
import { main as measure, PAGES } from "../scripts/measure.ts";
import { drawCharts } from "../scripts/measure/charts.ts";
import { NO_FAIRNESS } from "../scripts/measure/guarantees.ts";
import { fillPage } from "../scripts/measure/page.ts";
import { tunedMap } from "../scripts/measure/servers.ts";
import { ROOT } from "./helpers/program.ts";

const read = (name: string) => Deno.readTextFileSync(`${ROOT}docs/${name}`);
const measured = parseMeasured(read("performance.json"));

Deno.test("docs/performance.json is what the pages hold", () => {
  for (const name of PAGES) {
    const page = read(name);
    const [expected, actual] = [fillPage(page, measured), page].map(withoutLayout);
    assertEquals(actual, expected, `${name} is not up to date: deno task measure --pages`);
  }
});

Deno.test("docs/performance.json is what the charts are drawn from", () => {
  for (const [name, chart] of Object.entries(drawCharts(measured))) {
    const [expected, actual] = [chart, read(name)].map(withoutLayout);
    assertEquals(actual, expected, `${name} is not up to date: deno task measure --pages`);
  }
});

/** The formatter breaks lines and widens the columns of tables where it likes. */
function withoutLayout(text: string): string {
  return text.replaceAll(/\s+|-{2,}/g, "");
}

Deno.test("partFault keeps figures of another machine from being said to be of this one", async () => {
  const machine = await thisMachine();
  const experiments = { hop: 1, order: 2 };
  const fault = (names: string[], kept: string) =>
    partFault(names, { experiments, kept: { machine: kept }, machine });
  assertEquals(fault(["order"], machine), undefined);
  assertEquals(fault(["order"], ""), undefined);
  assertEquals(fault([], "another"), undefined);
  assertStringIncludes(fault(["order"], "another") ?? "", "the other figures are of another, and");
});

for (const [name, main] of [["measure", measure], ["howto:measure", measureHowto]] as const) {
  Deno.test(`deno task ${name} refuses an experiment that there is not, in one line`, async () => {
    const { error } = console;
    const said: string[] = [];
    console.error = (line: string) => said.push(line);
    try {
      assertEquals([await main(["nosuch"]), await main(["toString"])], [2, 2]);
    } finally {
      console.error = error;
    }
    assertEquals(said.length, 2);
    assertStringIncludes(said[0], 'there is no experiment "nosuch"; there are ');
  });
}

Deno.test("NO_FAIRNESS makes a queue where one client's lines wait for all that others have sent before", async () => {
  // With the turns written anew it changed nothing any more, and would have been measured all the same.
  const waited = async (...options: string[]) => {
    const probe = `${ROOT}tests/helpers/fairness_probe.ts`;
    const args = ["run", "--config", `${ROOT}deno.json`, ...options, probe];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    return Number(new TextDecoder().decode(stdout));
  };
  const [unfair, fair] = await Promise.all([
    waited(`--import-map=${tunedMap(NO_FAIRNESS)}`),
    waited(),
  ]);
  assertEquals([unfair, fair > 0 && fair <= 3], [200, true]);
});
