/**
 * Steps 3 to 6: which clients wait for a long job, what a worker for each request costs, which
 * clients wait for a pool that takes turns, and what the way through a queue costs.
 */

import { median } from "../tools/numbers.ts";
import { type Findings, type Point, points } from "./measured.ts";
import { Probe, pulse } from "./probe.ts";
import { pause } from "../tools/pause.ts";
import { MEGABYTES, startStep } from "./step_process.ts";

/** Steps 3 and 6: a quick client asks every 20 ms, and another one sends a long job once. */
export async function measureStall(): Promise<Findings> {
  const figures: Findings["figures"] = {}, series: Findings["series"] = {};
  for (const [step, program] of [["03", "03_inline.ts"], ["06", "06_queue.ts"]]) {
    await using server = await startStep(program);
    using slow = await Probe.connect(server.port);
    for (let round = 0; round < 50; round++) await slow.ask("10");
    const pulsing = pulse(server.port, { line: "10", every: 20, duration: 2500 });
    await pause(500);
    const job = await slow.ask("40");
    const waits = await pulsing;
    if (step === "03") {
      const before = waits.filter(([at]) => at < 480).map(([, waited]) => waited);
      figures["03.usual"] = { value: median(before), unit: "ms" };
      figures["03.job"] = { value: job, unit: "ms" };
    }
    figures[`${step}.worst`] = {
      value: Math.max(...waits.map(([, waited]) => waited)),
      unit: "ms",
    };
    series[`${step}.waits`] = points(waits);
  }
  return { figures, series };
}

/** Step 4: what a worker of its own adds to a request, and what many of them take at once. */
export async function measureWorkerEach(): Promise<Findings> {
  const figures: Findings["figures"] = {}, memory: Point[] = [];
  const programs = { inline: "03_inline.ts", each: "04_worker_each.ts", pool: "06_queue.ts" };
  for (const [name, program] of Object.entries(programs)) {
    await using server = await startStep(program);
    using probe = await Probe.connect(server.port);
    const waits = [];
    for (let round = 0; round < 60; round++) waits.push(await probe.ask("1"));
    figures[`04.${name}.wait`] = { value: median(waits.slice(20)), unit: "ms" };
  }
  for (const clients of [1, 4, 8, 16, 32]) {
    await using server = await startStep("04_worker_each.ts");
    const probes = await Promise.all(
      Array.from({ length: clients }, () => Probe.connect(server.port)),
    );
    const before = { memory: server.usage().rss * MEGABYTES, threads: server.usage().threads };
    let threads = 0;
    const asking = Promise.all(probes.map((probe) => probe.ask("35")));
    const watch = setInterval(() => threads = Math.max(threads, server.usage().threads), 5);
    await asking;
    clearInterval(watch);
    memory.push([clients, server.usage().peak * MEGABYTES - before.memory]);
    figures["04.many.clients"] = { value: clients, unit: "" };
    figures["04.many.threads"] = { value: threads - before.threads, unit: "" };
    for (const probe of probes) probe[Symbol.dispose]();
  }
  const [[fewest, least], [most, largest]] = [memory[0], memory[memory.length - 1]];
  figures["04.many.memory"] = { value: largest, unit: "MB" };
  figures["04.worker.memory"] = { value: (largest - least) / (most - fewest), unit: "MB" };
  return { figures, series: { "04.memory": points(memory) } };
}

/** Steps 5 and 6: one client's long job, and twenty quick clients that come after it. */
export async function measureTurns(): Promise<Findings> {
  const figures: Findings["figures"] = {}, series: Findings["series"] = {};
  for (const [step, program] of [["05", "05_pool.ts"], ["06", "06_queue.ts"]]) {
    await using server = await startStep(program);
    using slow = await Probe.connect(server.port);
    for (let round = 0; round < 50; round++) await slow.ask("10");
    const working = slow.ask("38");
    const waits = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      await pause(10 + index * 10);
      using quick = await Probe.connect(server.port);
      return await quick.ask("10");
    }));
    await working;
    const stuck = waits.filter((wait) => wait > 100).length;
    if (step === "05") figures["05.stuck"] = { value: stuck, unit: "" };
    figures[`${step}.turns.worst`] = { value: Math.max(...waits), unit: "ms" };
    series[`${step}.turns`] = points(waits.map((wait, index) => [index + 1, wait]));
  }
  return { figures, series };
}

/** Step 6: the price of the way there and back, and of a connection that does one line at a time. */
export async function measureHop(): Promise<Findings> {
  const figures: Findings["figures"] = {};
  // By turns, so that a disturbance meets both.
  await using inline = await startStep("03_inline.ts");
  await using queue = await startStep("06_queue.ts");
  using inlineProbe = await Probe.connect(inline.port);
  using queueProbe = await Probe.connect(queue.port);
  const waits: { inline: number[]; queue: number[] } = { inline: [], queue: [] };
  for (let round = 0; round < 3000; round++) {
    waits.inline.push(await inlineProbe.ask("1"));
    waits.queue.push(await queueProbe.ask("1"));
  }
  for (const name of ["inline", "queue"] as const) {
    figures[`06.${name}.wait`] = { value: 1000 * median(waits[name].slice(1000)), unit: "µs" };
  }
  figures["06.hop"] = {
    value: figures["06.queue.wait"].value - figures["06.inline.wait"].value,
    unit: "µs",
  };
  const jobs = 24;
  for (const clients of [1, 2]) {
    const probes = await Promise.all(
      Array.from({ length: clients }, () => Probe.connect(queue.port)),
    );
    await Promise.all(probes.map((probe) => probe.ask("31")));
    const start = performance.now();
    const lines = Array.from({ length: jobs / clients }, () => "31");
    await Promise.all(probes.map((probe) => probe.askAll(lines)));
    figures[`06.clients${clients}`] = { value: performance.now() - start, unit: "ms" };
    for (const probe of probes) probe[Symbol.dispose]();
  }
  figures["06.jobs"] = { value: jobs, unit: "" };
  return { figures };
}
