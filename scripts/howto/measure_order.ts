/**
 * Steps 7 and 8: how far out of order replies come when nobody minds the order, and whom the order
 * keeps waiting.
 */

import { median } from "../tools/numbers.ts";
import { type Findings, type Point, points } from "./measured.ts";
import { Probe } from "./probe.ts";
import { startStep } from "./step_process.ts";

/** Step 7: sixty lines of very different jobs, from one client at once. */
export async function measureDisorder(): Promise<Findings> {
  await using server = await startStep("07_parallel.ts");
  using probe = await Probe.connect(server.port);
  await probe.ask("10");
  // A few leading zeros tell lines apart that ask for the same number.
  const texts = Array.from({ length: 60 }, (_, index) => `${sizeOf(index)}.${"0".repeat(index)}`);
  const order = new Map(texts.map((text, index) => [text, index]));
  const replies = await probe.askAll(texts);
  const places = replies.map(({ reply }, place): Point => {
    return [order.get(/\((.*)\)/.exec(reply)![1])! + 1, place + 1];
  });
  const overtaken = places.filter(([line, place]) => line !== place).length;
  return {
    figures: {
      "07.lines": { value: texts.length, unit: "" },
      "07.displaced": { value: overtaken, unit: "" },
      "07.furthest": { value: Math.max(...places.map(([x, y]) => Math.abs(x - y))), unit: "" },
    },
    series: {
      "07.places": points(places.toSorted(([a], [b]) => a - b)),
      "07.order": [[1, 1], [texts.length, texts.length]],
    },
  };
}

/** Always the same mixture: most jobs are tiny, some take a hundred times as long. */
function sizeOf(index: number): number {
  return (index * 7919) % 9 === 0 ? 32 : 10 + (index * 31) % 12;
}

/** Steps 7 and 8: one long job, and fifty quick ones behind it on the same connection. */
export async function measureHeadOfLine(): Promise<Findings> {
  const figures: Findings["figures"] = {}, series: Findings["series"] = {};
  for (const [step, program] of [["07", "07_parallel.ts"], ["08", "08_order.ts"]]) {
    await using server = await startStep(program);
    using probe = await Probe.connect(server.port);
    for (let round = 0; round < 50; round++) await probe.ask("10");
    const texts = ["38", ...Array.from({ length: 50 }, (_, index) => `10.${"0".repeat(index)}`)];
    const replies = await probe.askAll(texts);
    const waits = texts.map((text): number =>
      replies.find(({ reply }) => reply.includes(`(${text})`))!.at
    );
    figures[`${step}.quick`] = { value: median(waits.slice(1)), unit: "ms" };
    series[`${step}.head`] = points(waits.map((wait, index) => [index + 1, wait]));
  }
  return { figures, series };
}
