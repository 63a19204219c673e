/**
 * Steps 11 and 12: what each way to fail costs, what a job that hangs leaves behind, and how many
 * lines a stop loses.
 */

import type { Findings } from "./measured.ts";
import { Probe, sendForEver } from "./probe.ts";
import { pause } from "../tools/pause.ts";
import { startStep } from "./step_process.ts";

/** Step 11: how long each failure takes until it is answered, and how long the line after it. */
export async function measureFailures(): Promise<Findings> {
  const figures: Findings["figures"] = {};
  await using server = await startStep("11_failure.ts");
  using probe = await Probe.connect(server.port);
  for (let round = 0; round < 50; round++) await probe.ask("10");
  for (const [name, line] of [["throws", "tea"], ["dies", "die"], ["hangs", "99"]]) {
    figures[`11.${name}`] = { value: await probe.ask(line), unit: "ms" };
    figures[`11.${name}.next`] = { value: await probe.ask("10"), unit: "ms" };
  }
  await using before = await startStep("10_back_pressure.ts");
  using other = await Probe.connect(before.port);
  await other.ask("tea").catch(() => {});
  figures["11.before"] = { value: (await before.status).code, unit: "" };
  return { figures };
}

/** Step 11: the cores that hung jobs keep for ever, and what is left for the others. */
export async function measureHangs(): Promise<Findings> {
  const figures: Findings["figures"] = {};
  await using server = await startStep("11_failure.ts");
  using probe = await Probe.connect(server.port);
  const jobs = Array.from({ length: 60 }, () => "27");
  for (const hung of [0, 1, 2]) {
    if (hung > 0) await probe.ask("99");
    await probe.askAll(jobs); // starts the new worker, and warms it up
    const used = server.usage().cpu;
    await pause(1000);
    figures[`11.cores${hung}`] = { value: server.usage().cpu - used, unit: "" };
    const start = performance.now();
    for (let round = 0; round < 4; round++) await probe.askAll(jobs);
    const rate = 4 * jobs.length / (performance.now() - start) * 1000;
    figures[`11.rate${hung}`] = { value: rate, unit: "lines/s" };
  }
  return { figures };
}

/** Steps 11 and 12: Ctrl-C while lines are under way. */
export async function measureStop(): Promise<Findings> {
  const figures: Findings["figures"] = {};
  for (const [step, program] of [["11", "11_failure.ts"], ["12", "12_stop.ts"]]) {
    await using server = await startStep(program);
    const probes = await Promise.all([1, 2, 3, 4].map(() => Probe.connect(server.port)));
    for (const probe of probes) await probe.ask("10");
    const lines = Array.from({ length: 20 }, () => "27");
    const asking = Promise.all(probes.map((probe) => probe.askAll(lines).catch(() => [])));
    await pause(50);
    const start = performance.now();
    server.kill("SIGINT");
    await server.status;
    figures[`${step}.stop`] = { value: performance.now() - start, unit: "ms" };
    const answered = (await asking).reduce((sum, replies) => sum + replies.length, 0);
    figures["12.stop.lines"] = { value: probes.length * lines.length, unit: "" };
    figures[`${step}.stop.lost`] = { value: probes.length * lines.length - answered, unit: "" };
    for (const probe of probes) probe[Symbol.dispose]();
  }
  return { figures };
}

/** Step 12: a stop while clients are sending: do they see an end, or a reset? */
export async function measureResets(): Promise<Findings> {
  await using server = await startStep("12_stop.ts");
  const probes = await Promise.all([1, 2, 3, 4].map(() => Probe.connect(server.port)));
  for (const probe of probes) sendForEver(probe, "20");
  for (const probe of probes) await probe.reply();
  server.kill("SIGINT");
  const ends = await Promise.allSettled(probes.map(async (probe) => {
    while (await probe.reply() !== undefined);
  }));
  await server.status;
  for (const probe of probes) probe[Symbol.dispose]();
  return {
    figures: {
      "12.senders": { value: probes.length, unit: "" },
      "12.resets": { value: ends.filter(({ status }) => status === "rejected").length, unit: "" },
    },
  };
}

/** Step 12: a client that sends and never reads, and a stop. */
export async function measureStuckStop(): Promise<Findings> {
  await using server = await startStep("12_stop.ts");
  using probe = await Probe.connect(server.port);
  await probe.ask("10");
  const wide = " ".repeat(200_000);
  probe.send(`${wide}10\n`.repeat(50)).catch(() => {}); // ten megabytes of replies
  await pause(1000);
  server.kill("SIGINT");
  const patience = 3;
  const ended = await Promise.race([server.status, pause(patience * 1000)]);
  if (ended !== undefined) throw new Error("Step 12 stops beside a client that never reads");
  return { figures: { "12.stuck": { value: patience, unit: "s" } } };
}
