/** What the chart of the comparison shows, in words: for readers who cannot see it, and true of any figures. */

import { twoDigits } from "../tools/chart.ts";
import { MODES } from "./modes.ts";
import type { Comparison } from "./page.ts";

/** The peers as they are called in a sentence. */
const NAMES: Readonly<Record<string, string>> = { go: "Go", node: "Node", twisted: "Twisted" };

/** The alternative text: where hsha is first and where it is last, and how far apart the others are. */
export function finding({ rows, peers }: Comparison): string {
  const rates = Object.entries(rows).flatMap(([id, ran]) => {
    const hsha = ran.find(({ peer }) => peer === "hsha")?.linesPerSecond;
    return hsha === undefined ? [] : [{ id, hsha, ran }];
  });
  const others = peers.map(({ name }) => name).filter((name) => name !== "hsha");
  const spans = others.flatMap((name) => {
    const ratios = rates.flatMap(({ hsha, ran }) => {
      const rate = ran.find(({ peer }) => peer === name)?.linesPerSecond;
      return rate === undefined ? [] : [rate / hsha];
    });
    if (ratios.length === 0) return [];
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(twoDigits);
    return [`${NAMES[name] ?? name} ${least} to ${most}`];
  });
  const where = (place: "first" | "last", pick: (...rates: number[]) => number) => {
    const ids = rates.filter(({ hsha, ran }) =>
      ran.length > 1 && pick(...ran.map(({ linesPerSecond }) => linesPerSecond)) === hsha
    ).map(({ id }) => id);
    const titles = MODES.filter(({ id }) => ids.includes(id)).map(({ title }) => title);
    const named = titles.length === 0 ? "" : ` (${titles.join("; ")})`;
    return `${place} under ${titles.length}${named}`;
  };
  return `Lines per second under ${rates.length} loads: hsha is ${where("first", Math.max)}, and ` +
    `${where("last", Math.min)}. Times its rate: ${spans.join(", ")}.`;
}
