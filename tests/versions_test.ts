/** The versions agree: of deno.json, of the program and of the changelog. */

import { assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { ROOT, runProgram } from "./helpers/program.ts";

const CHANGELOG = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);

/** The versions that the changelog has, newest first, each with its day. */
const RELEASES = [...CHANGELOG.matchAll(/^## (\d+\.\d+\.\d+) - (\S+)$/gm)];

Deno.test("hsha --version and the newest heading of CHANGELOG are deno.json's version", async () => {
  const { code, stdout } = await runProgram(["--version"]);
  assertEquals([code, stdout], [0, `hsha ${config.version}\n`]);
  assertEquals(RELEASES[0][1], config.version);
});

Deno.test("CHANGELOG has its versions in their order, each with a day and known headings", () => {
  const days = RELEASES.map(([, , day]) => day);
  assertEquals(days, days.toSorted().reverse());
  for (const day of days) assertMatch(day, /^\d{4}-\d\d-\d\d$/);
  const known = ["Added", "Changed", "Deprecated", "Fixed", "Removed", "Security"];
  const headings = [...CHANGELOG.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
  assertEquals(headings.filter((heading) => !known.includes(heading)), []);
});
