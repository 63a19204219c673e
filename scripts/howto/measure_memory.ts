/**
 * Steps 9 and 10: the memory of a server that reads whatever comes, and of one that reads what it
 * has places for; and what the places cost a polite client beside a greedy one.
 */

import { median, quantile } from "../tools/numbers.ts";
import { type Findings, type Point, points } from "./measured.ts";
import { countReplies, Probe, pulse, sendForEver } from "./probe.ts";
import { pause } from "../tools/pause.ts";
import { MEGABYTES, startStep } from "./step_process.ts";

const FLOOD_SECONDS = 5;

/** Steps 9 and 10: memory while one client sends lines for five seconds, as fast as it may. */
export async function measureFlood(): Promise<Findings> {
  const figures: Findings["figures"] = {}, series: Findings["series"] = {};
  for (const [step, program] of [["09", "09_flood.ts"], ["10", "10_back_pressure.ts"]]) {
    await using server = await startStep(program);
    using probe = await Probe.connect(server.port);
    await probe.ask("20");
    const before = server.usage().rss * MEGABYTES;
    const flood = sendForEver(probe, "20");
    const answered = countReplies(probe);
    const memory: Point[] = [];
    const start = performance.now();
    for (let seconds = 0; seconds < FLOOD_SECONDS; seconds += 0.1) {
      await pause(Math.max(0, start + seconds * 1000 - performance.now()));
      memory.push([seconds, server.usage().rss * MEGABYTES - before]);
    }
    figures[`${step}.sent`] = { value: flood.sent, unit: "" };
    figures[`${step}.answered`] = { value: answered.count, unit: "" };
    figures[`${step}.grown`] = { value: memory[memory.length - 1][1], unit: "MB" };
    series[`${step}.memory`] = points(memory);
  }
  figures["09.seconds"] = figures["10.seconds"] = { value: FLOOD_SECONDS, unit: "s" };
  return { figures, series };
}

/** Step 10: how long a polite client waits alone, beside a flood, and behind a full house. */
export async function measurePolite(program = "10_back_pressure.ts"): Promise<Findings> {
  const figures: Findings["figures"] = {};
  await using server = await startStep(program);
  const polite = { line: "10", every: 50, duration: 1500 };
  await pulse(server.port, polite); // warm-up
  const alone = await pulse(server.port, polite);
  figures["10.alone"] = { value: median(alone.map(([, waited]) => waited)), unit: "ms" };

  using greedy = await Probe.connect(server.port);
  sendForEver(greedy, "25");
  countReplies(greedy);
  await pause(200);
  const beside = (await pulse(server.port, polite)).map(([, waited]) => waited);
  figures["10.beside"] = { value: median(beside), unit: "ms" };
  figures["10.beside.p95"] = { value: quantile(beside, 0.95), unit: "ms" };

  await using other = await startStep(program);
  using first = await Probe.connect(other.port);
  using second = await Probe.connect(other.port);
  await second.ask("10");
  const house = first.askAll(["40", ...Array.from({ length: 200 }, () => "10")]);
  await pause(100);
  figures["10.behind"] = { value: await second.ask("10"), unit: "ms" };
  await house;
  return { figures };
}
