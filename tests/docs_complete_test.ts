/** The docs leave nothing out: every option, every event with its level and fields, every worst row. */

import { assert, assertEquals } from "@std/assert";
import { kebab } from "../lib/cli/flag_values.ts";
import { SERVE_TABLE } from "../lib/cli/serve_table.ts";
import { createLog } from "../lib/observe/log.ts";
import type { ServerEvent } from "../lib/observe/events.ts";
import { optionsPage } from "../scripts/options_page.ts";
import { ROOT } from "./helpers/program.ts";

const read = (path: string) => Deno.readTextFileSync(ROOT + path);
const operations = read("docs/operations.md");
const accessLog = operations.slice(operations.indexOf("## The access log"));

/** The formatter breaks lines and widens the columns of tables where it likes. */
function withoutLayout(text: string): string {
  return text.replaceAll(/\s+|-{2,}/g, "");
}

const source = read("lib/observe/events.ts").replaceAll(/\/\*\*.*?\*\//gs, "");

function fieldsOf(body: string): string[] {
  return [...body.matchAll(/\b(\w+)\??:/g)].map(([, name]) => name).filter((name) =>
    name !== "type"
  );
}

function fieldsOfInterface(name: string): string[] {
  return fieldsOf(new RegExp(`export interface ${name} \\{(.*?)\n\\}`, "s").exec(source)![1]);
}

/** Events as events.ts declares them: each type with the names of its fields. */
function declaredEvents(): Map<string, string[]> {
  const fault = fieldsOfInterface("Fault");
  const events = [...source.matchAll(/\{\s*type: "(\w+)"([^}]*)\}( & Fault)?/g)]
    .map(([, type, body, isFault]): [string, string[]] => [
      type,
      [...fieldsOf(body), ...isFault ? fault : []],
    ]);
  return new Map(events);
}

/** The row of an event or, of two columns, of a field. */
function rowOf(name: string, columns = 4): string[] {
  const row = operations.split("\n").find((line) =>
    line.startsWith(`| \`${name}\` `) && line.split("|").length === columns + 2
  );
  assert(row !== undefined, `docs/operations.md has no row for ${name}`);
  return row.split("|").map((cell) => cell.trim());
}

/** The level at which the log has an event. */
async function levelOf(type: string): Promise<string> {
  const lines: string[] = [];
  const log = createLog({ format: "json", level: "debug", write: (line) => lines.push(line) });
  log({ type, times: 1 } as unknown as ServerEvent);
  await log.flush();
  return JSON.parse(lines[0]).level;
}

Deno.test("docs/operations.md has every event, with its level and its fields", async () => {
  const events = declaredEvents();
  assert(events.size > 15, "the events were not found");
  for (const [type, fields] of events) {
    const [, , level, , named] = rowOf(type);
    assertEquals(level, await levelOf(type), type);
    const told = named.includes("fields of the access log") ? named + accessLog : named;
    for (const field of fields) {
      assert(told.includes(`\`${field}\``), `docs/operations.md: ${type} lacks ${field}`);
    }
  }
});

Deno.test("docs/operations.md says what each field of an event means", () => {
  for (const field of fieldsOfInterface("Counters")) {
    assert(rowOf("counters", 2)[2].includes(`\`${field}\``), `the counters lack ${field}`);
  }
  const fields = new Set([...declaredEvents().values()].flat());
  for (const field of fields) {
    const is = operations.split("\n").some((line) =>
      line.startsWith(`| \`${field}\` `) || /^\| `(?:message|kind)/.test(line) &&
        line.includes(`\`${field}\``)
    );
    assert(is, `docs/operations.md does not say what ${field} is`);
  }
});

Deno.test("docs/operations.md says each reason for which a connection ends", () => {
  const reasons = /export type CloseReason =(.*?);/s.exec(source)![1].matchAll(/"([^"]+)"/g);
  for (const [, reason] of reasons) {
    assert(accessLog.includes(`| \`${reason}\` `), `docs/operations.md does not say "${reason}"`);
  }
});

Deno.test("docs/options.md is made from the table of options, and has every one", () => {
  const page = read("docs/options.md");
  assertEquals(withoutLayout(page), withoutLayout(optionsPage()), "deno task options");
  for (const name of Object.keys(SERVE_TABLE)) {
    assert(page.includes(`--${kebab(name)}`), `docs/options.md lacks --${kebab(name)}`);
  }
});

Deno.test("the README's figures are those of docs/compare.md, the worst one among them", () => {
  const compare = read("docs/compare.md");
  const readme = read("README.md");
  const modes = [...compare.matchAll(/^### ([\w-]+): .*?(?=^##)/gms)];
  assertEquals(modes.length, 6, "the loads were not found");
  for (const [section, mode] of modes) {
    const [hsha, go] = ["hsha", "go"].map((peer) => {
      const cells = section.split("\n").find((line) => line.startsWith(`| ${peer} `))!.split("|");
      return cells.map((cell) => cell.trim()).slice(2, 4);
    });
    const row = readme.split("\n").find((line) => line.includes(` ${hsha[0]} |`));
    assert(row !== undefined, `the README has no row for ${mode}: ${hsha[0]} lines/s`);
    assertEquals(row.split("|").map((cell) => cell.trim()).slice(2, 5), [hsha[0], ...go], mode);
  }
});
