/** What `hsha bench` prints of its findings. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { LoadPlan } from "../lib/cli/bench/load.ts";
import { LoadStats } from "../lib/cli/bench/load_stats.ts";
import { type Findings, toJson, toTable } from "../lib/cli/bench/report.ts";

const PLAN: LoadPlan = {
  endpoint: { name: "127.0.0.1:1", address: { port: 1 } },
  connections: 1,
  firstConnection: 0,
  window: 1,
  size: 32,
  expect: "echo",
  warmupSeconds: 0,
  durationSeconds: 1,
};

/** The findings of a load whose replies took so many microseconds each. */
function findings(...micros: number[]): Findings {
  const stats = new LoadStats();
  for (const each of micros) stats.count(1, each);
  return { plan: PLAN, threads: 1, stats, clientCores: 1 };
}

Deno.test("toTable shows each time in the unit that suits", () => {
  const cases: [micros: number, text: string][] = [
    [0.25, "0.250 µs"],
    [999.4, "999 µs"],
    [999.6, "1.00 ms"],
    [999_600, "1.00 s"],
    [999_600_000, "1,000 s"],
    [86_400_000_000, "86,400 s"],
  ];
  for (const [micros, text] of cases) {
    assertMatch(toTable(findings(micros)), new RegExp(`min ${text}, mean ${text}, max ${text}\\n`));
  }
});

Deno.test("toTable and toJson know no times where no line was answered", () => {
  assertMatch(toTable(findings()), /p50 –, p90 –, p99 –, p99.9 –\n.*min –, mean –, max –\n/);
  const found: Record<string, unknown> = JSON.parse(toJson(findings()));
  for (const name of ["min", "mean", "p50", "p90", "p99", "p999", "max", "lateP50", "lateP99"]) {
    assertEquals(found[`${name}Micros`], null, name);
  }
});

Deno.test("toTable and toJson show nothing of a server that a terminal would obey", () => {
  const found = findings(1);
  found.stats.mismatches = 1;
  found.stats.note(`got "\x9b2J\u202egnp.exe\x1b[31m\x7f"`);
  const sample = String.raw`got "\u009b2J\u202egnp.exe\u001b[31m\u007f"`;
  assertStringIncludes(toTable(found), sample);
  assertStringIncludes(toJson(found), String.raw`\u009b2J\u202egnp.exe`);
  // deno-lint-ignore no-control-regex -- the test is about them
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(toTable(found) + toJson(found)), false);
  assertEquals(JSON.parse(toJson(found)).samples, found.stats.samples);
});
