/**
 * The README's table of the comparison: each load in a row, in words, with the rates of all peers. It
 * stands between two markers, and is made from docs/compare.json. So is the text of its chart.
 */

import { finding } from "./finding.ts";
import type { Comparison } from "./page.ts";

/** The loads in words, by their IDs; the worst one comes last. */
const LOADS: Readonly<Record<string, string>> = {
  pp1: "one that waits for each reply",
  pp64: "64 that wait for each reply",
  w64x16: "16 that send 64 lines ahead",
  w512x4: "4 that send 512 lines ahead",
  "w64x16-1k": "16 that send 64 lines of 1 KiB ahead",
  cpu: "8 that send 16 ahead; each job calls SHA-256 200 times",
};

const CHART = /!\[[^\]]*\]\(docs\/compare\.svg\)/;
const PLACE = /^<!-- compare -->\n.*?^<!-- end -->$/ms;
/** Three digits are all that such a measurement can vouch for. */
const RATE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const NAMES: Readonly<Record<string, string>> = {
  go: "Go",
  node: "Node, Piscina",
  twisted: "Twisted",
};

/**
 * Puts the table into the README, in place of what stands at its markers, and the text of the chart.
 *
 * @throws {RangeError} If the markers are missing.
 */
export function fillReadme(readme: string, comparison: Comparison): string {
  if (!PLACE.test(readme)) throw new RangeError("README.md has no place for the comparison");
  return readme.replace(CHART, () => `![${finding(comparison)}](docs/compare.svg)`)
    .replace(PLACE, () => `<!-- compare -->\n\n${table(comparison)}\n\n<!-- end -->`);
}

function table({ rows, peers }: Comparison): string {
  const names = peers.map(({ name }) => name);
  const head = [
    "lines a second, by clients",
    ...names.map((name) => NAMES[name] ?? name),
    "Go to hsha",
  ];
  const body = Object.entries(LOADS).filter(([id]) => rows[id] !== undefined).map(([id, load]) => {
    const rateOf = (peer: string) => rows[id].find((row) => row.peer === peer)?.linesPerSecond;
    const [hsha, go] = [rateOf("hsha"), rateOf("go")];
    const ratio = hsha === undefined || go === undefined ? "–" : `${(go / hsha).toFixed(2)} ×`;
    return [load, ...names.map((name) => printed(rateOf(name))), ratio];
  });
  const rule = head.map((_, column) => column === 0 ? "---" : "---:");
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function printed(rate: number | undefined): string {
  return rate === undefined ? "–" : RATE.format(rate);
}
