/** The docs leave nothing out: every option, every event with its level and fields, every worst row. */

import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../lib/cli/main.ts";
import { LEVEL_OF } from "../lib/observe/log.ts";
import { MODES } from "../scripts/compare/modes.ts";
import { type Comparison, page } from "../scripts/compare/page.ts";
import { fillReadme } from "../scripts/compare/readme.ts";
import { declaredEvents, eventsPage } from "../scripts/events_page.ts";
import { optionsPage } from "../scripts/options_page.ts";
import { SAMPLES } from "../scripts/reference/event_samples.ts";
import { ROOT } from "./helpers/program.ts";

const read = (path: string) => Deno.readTextFileSync(ROOT + path);
const operations = read("docs/operations.md");
const accessLog = operations.slice(operations.indexOf("## The access log"));

/** The formatter breaks lines and widens the columns of tables where it likes. */
function withoutLayout(text: string): string {
  return text.replaceAll(/\s+|-{2,}/g, "");
}

const source = read("lib/observe/events.ts");

Deno.test("docs/events.md is made from the declarations of events, and has every one", () => {
  const page = read("docs/events.md");
  assertEquals(withoutLayout(page), withoutLayout(eventsPage()), "deno task events");
  const declared = declaredEvents();
  assertEquals([...declared.keys()].sort(), Object.keys(LEVEL_OF).sort());
  for (const [type, { fields }] of declared) {
    assert(page.includes(`\n### ${type}\n`), `docs/events.md lacks ${type}`);
    for (const field of fields) {
      assert(page.includes(`\n| \`${field}\` `), `docs/events.md does not say what ${field} is`);
    }
  }
});

Deno.test("declaredEvents finds the fields that a sample of each event has", () => {
  const declared = declaredEvents();
  for (const [type, { type: _, ...sample }] of Object.entries(SAMPLES)) {
    const fields = declared.get(type)!.fields;
    assertEquals(Object.keys(sample).filter((name) => !fields.includes(name)), [], type);
  }
});

Deno.test("docs/operations.md and docs/events.md name each counter and each access log field", () => {
  const body = /export interface Counters \{(.*?)\n\}/s.exec(source)![1];
  const row = read("docs/events.md").split("\n").find((line) => line.startsWith("| `counters` "))!;
  for (const [, name] of body.matchAll(/^ {2}(\w+):/gm)) {
    assert(row.includes(`\`${name}\``), `docs/events.md: the counters lack ${name}`);
  }
  for (const name of declaredEvents().get("connection_closed")!.fields) {
    const column = name === "peer" ? "address" : name;
    assert(accessLog.includes(`| \`${column}\` `), `docs/operations.md lacks ${column}`);
  }
});

Deno.test("docs/operations.md says each reason for which a connection ends", () => {
  const reasons = /export type CloseReason =(.*?);/s.exec(source)![1].matchAll(/"([^"]+)"/g);
  for (const [, reason] of reasons) {
    assert(accessLog.includes(`| \`${reason}\` `), `docs/operations.md does not say "${reason}"`);
  }
});

Deno.test("docs/architecture.md says what each folder of lib holds", () => {
  const page = read("docs/architecture.md");
  const folders = [...Deno.readDirSync(`${ROOT}lib`)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).filter((name) => name !== "types"); // declarations of packages
  for (const name of folders) {
    assert(page.includes(`\n| \`${name}/`), `docs/architecture.md has no row for lib/${name}/`);
  }
});

Deno.test("docs/options.md is made from the table of options, and has every one", () => {
  const page = read("docs/options.md");
  assertEquals(withoutLayout(page), withoutLayout(optionsPage()), "deno task options");
  for (const flag of COMMANDS.flatMap(({ flags }) => flags)) {
    assert(page.includes(`--${flag}`), `docs/options.md lacks --${flag}`);
  }
});

Deno.test("docs/compare.md and the README's table are made from docs/compare.json", () => {
  const comparison: Comparison = JSON.parse(read("docs/compare.json"));
  const readme = read("README.md");
  assertEquals(Object.keys(comparison.rows), MODES.map(({ id }) => id), "not all loads are there");
  const again = "deno run -A scripts/compare.ts --pages";
  assertEquals(withoutLayout(read("docs/compare.md")), withoutLayout(page(comparison)), again);
  assertEquals(withoutLayout(readme), withoutLayout(fillReadme(readme, comparison)), again);
});
