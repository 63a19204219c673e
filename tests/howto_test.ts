/**
 * The howto keeps its word: every command of every page is typed and its output compared, programs
 * and figures in the pages are those of the files, and each page has what a page has to have.
 */

import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { lines } from "../docs/howto/02_lines.ts";
import { drawCharts } from "../scripts/howto/charts.ts";
import { fillPage, HOWTO, pageNames, SECTIONS, sourcesOnDisk } from "../scripts/howto/pages.ts";
import { parseBlocks, play } from "../scripts/howto/transcript.ts";
import { again } from "./helpers/again.ts";
import { LONG } from "./helpers/long.ts";

/** Lines of a step, and of one that lies between two steps. */
const MOST_LINES = 40, MOST_LINES_BETWEEN = 60;

const pages = new Map(pageNames().map((name) => [name, read(name)]));
const stepNames = [...pages.keys()].filter((name) => /^\d\d[a-z]?_/.test(name));
const programNames = [...Deno.readDirSync(HOWTO)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ts")).sort();

function read(name: string): string {
  return Deno.readTextFileSync(new URL(name, HOWTO));
}

for (const name of stepNames) {
  Deno.test(`howto/${name} prints what really appears`, LONG, async () => {
    await again(() => play(pages.get(name)!)); // jobs of steps 11 and 12 have two seconds
  });
}

Deno.test("howto pages are played again where a machine is too busy, and a wrong one fails each time", async () => {
  const played = { late: 0, wrong: 0 };
  await again(() => played.late++ === 0 ? Promise.reject(new Error("late")) : Promise.resolve());
  const wrong = () => (played.wrong++, Promise.reject(new Error("printed 1, not 2")));
  await assertFails(() => again(wrong, { tries: 3 }), "printed 1, not 2");
  await assertFails(() => again(wrong, { when: () => false }), "printed 1, not 2");
  assertEquals(played, { late: 2, wrong: 4 });
});

Deno.test("howto sessions fail when something else appears than the page prints", async () => {
  const page = pages.get("02_lines.md")!;
  const wrong = page.replace("\n[three]\n", "\n[3]\n");
  assert(wrong !== page);
  await assertFails(() => play(wrong), "printed [three], not [3]");
  await assertFails(() => play(page.replace("[three]\n[four]\n", "[three]\n")), "[four]");
  await assertFails(() => play(page.replace("[four]\n", "[four]\n[five]\n")), "nothing more");
});

Deno.test("howto/02_lines.md traces its buffer as the program does", async () => {
  const [, trace] = /^### The buffer, by hand$(.*?)^## /ms.exec(pages.get("02_lines.md")!)!;
  const rows = [...trace.matchAll(/^\| (`[^|]*`|the end) +\|[^|]+\| ([^|]+?) +\|/gm)];
  const unquote = (cell: string) =>
    [...cell.matchAll(/`([^`]*)`/g)].map(([, text]) =>
      text.replaceAll("''", "").replaceAll("\\r", "\r").replaceAll("\\n", "\n")
    );
  const chunks = rows.map(([, chunk]) => unquote(chunk)[0]);
  const printed = rows.map(([, , out]) => unquote(out));
  const found: string[][] = chunks.map(() => []);
  let at = -1;
  const read = (into: Uint8Array) => {
    const chunk = chunks[++at];
    return Promise.resolve(
      chunk === undefined ? null : new TextEncoder().encodeInto(chunk, into).written,
    );
  };
  for await (const line of lines({ read })) found[at].push(line);
  assertEquals(chunks.length, 6);
  assertEquals(found, printed);
});

Deno.test("howto/13_real.md has a tour whose stops are in the files that it names", () => {
  const page = pages.get("13_real.md")!;
  const tour = page.slice(page.indexOf("### A tour"), page.indexOf("### Where everything"));
  const stops = tour.split(/^\d\. /m).slice(1);
  assertEquals(stops.length, 5);
  for (const stop of stops) {
    const sources = [...stop.matchAll(/\]\((\S+\.ts)\)/g)].map(([, link]) => read(link)).join("");
    const names = [...stop.matchAll(/(?<!\[)`(#?\w+)`/g)].map(([, name]) => name);
    assertEquals(names.filter((name) => name !== "start" && !sources.includes(name)), [], stop);
  }
});

Deno.test("howto pages hold their programs and figures as they are on disk", () => {
  const sources = sourcesOnDisk();
  for (const [name, page] of pages) {
    const [expected, actual] = [fillPage(page, sources), page].map(withoutBreaks);
    assertEquals(actual, expected, `${name} is not up to date: deno task howto:build`);
  }
});

Deno.test("howto charts are drawn from the measured points", () => {
  for (const [name, svg] of Object.entries(drawCharts(sourcesOnDisk().measured))) {
    const [expected, actual] = [svg, read(name)].map(withoutBreaks);
    assertEquals(actual, expected, `${name} is not up to date: deno task howto:build`);
  }
});

Deno.test("howto pages show all measured figures", () => {
  const all = [...pages.values()].join("");
  const unused = Object.keys(sourcesOnDisk().measured.figures)
    .filter((name) => !all.includes(`](measured.json "${name}")`));
  assertEquals(unused, []);
});

Deno.test("howto steps have a page, a program of the same name, and a row in the index", () => {
  const index = pages.get("README.md")!;
  const numbers = stepNames.filter((name) => /^\d\d_/.test(name)).map((name) => parseInt(name));
  assertEquals(numbers, numbers.map((_, index) => index + 1));
  for (const name of stepNames) {
    const program = name.replace(".md", ".ts");
    assertStringIncludes(pages.get(name)!, `<!-- program: ${program} -->`);
    assertStringIncludes(pages.get(name)!, `run -A docs/howto/${program}\n`);
    assertStringIncludes(index, `](${name})`);
  }
});

Deno.test("howto pages have all their sections, in order", () => {
  for (const name of stepNames) {
    const titles = [...pages.get(name)!.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assertEquals(titles.filter((title) => SECTIONS.includes(title)), SECTIONS, name);
  }
});

Deno.test("howto programs are short and build on earlier steps alone", () => {
  for (const name of programNames) {
    const text = read(name);
    const most = /^\d\d[a-z]/.test(name) ? MOST_LINES_BETWEEN : MOST_LINES;
    assertLessOrEqual(text.split("\n").length - 1, most, name);
    for (const [, from] of text.matchAll(/ from "([^"]+)"/g)) {
      const isEarlier = from.startsWith("./") && from.slice(2) < name;
      const isLibrary = /^1[345]_/.test(name) && from === "../../lib/mod.ts";
      assert(isEarlier || isLibrary || from.startsWith("@std/"), `${name} imports ${from}`);
    }
  }
});

Deno.test("howto links lead somewhere", () => {
  for (const [name, page] of pages) {
    for (const [, link] of page.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(link)) continue;
      const target = new URL(link, new URL(name, HOWTO));
      assert(Deno.statSync(target).isFile || target.pathname.endsWith("/"), `${name}: ${link}`);
    }
  }
});

Deno.test("howto commands work without Deno: each runs it by npx", () => {
  for (const name of stepNames) {
    for (const { command } of parseBlocks(pages.get(name)!).flatMap(({ steps }) => steps)) {
      const denos = command.match(/\bdeno\b/g)?.length ?? 0;
      assertEquals(command.match(/\bnpx -y deno@2\.9\.6 run -A /g)?.length ?? 0, denos, command);
    }
  }
});

/** The formatter breaks lines where it likes, in prose and in SVG. */
function withoutBreaks(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

async function assertFails(run: () => Promise<void>, message: string): Promise<void> {
  const error = await run().then(() => undefined, (error: Error) => error);
  assertStringIncludes(error?.message ?? "no failure", message);
}
