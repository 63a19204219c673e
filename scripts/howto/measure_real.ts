/**
 * Steps 12b and 13: what batches are worth, and the real server beside the steps, where those leave
 * something to be desired.
 */

import { measurePolite } from "./measure_memory.ts";
import { median } from "../tools/numbers.ts";
import type { Findings } from "./measured.ts";
import { Probe } from "./probe.ts";
import { startStep } from "./step_process.ts";

const CLIENTS = 4;
const RATE_SECONDS = 2;

/**
 * Steps 12, 12b and 13: how long a cheap job takes alone, and how many can be answered in a second, with a
 * message for each line, with one for many lines, and by the real server.
 */
export async function measureBatches(): Promise<Findings> {
  const figures: Findings["figures"] = {};
  const steps = { "12b.step12": "12_stop.ts", "12b": "12b_batches.ts", "13": "13_real.ts" };
  for (const [name, program] of Object.entries(steps)) {
    await using server = await startStep(program);
    using probe = await Probe.connect(server.port);
    const waits = [];
    for (let round = 0; round < 2000; round++) waits.push(await probe.ask("1"));
    figures[`${name}.wait`] = { value: 1000 * median(waits.slice(1000)), unit: "µs" };
    await measureRate(server.port, 0.5); // warm-up
    const rate = await measureRate(server.port, RATE_SECONDS);
    figures[`${name}.rate`] = { value: rate, unit: "lines/s" };
  }
  return { figures };
}

/** Step 13: what a polite client waits. */
export async function measureReal(): Promise<Findings> {
  const { figures } = await measurePolite("13_real.ts");
  const renamed = Object.entries(figures).map((
    [name, figure],
  ) => [name.replace(/^10/, "13"), figure]);
  return { figures: Object.fromEntries(renamed) };
}

/** Lines answered in a second, to clients that each keep up to 512 under way. */
async function measureRate(port: number, seconds: number): Promise<number> {
  const answered = await Promise.all(Array.from({ length: CLIENTS }, async () => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const block = new TextEncoder().encode("1\n".repeat(256));
    const buffer = new Uint8Array(65536);
    const end = performance.now() + seconds * 1000;
    let sent = 0, count = 0;
    while (performance.now() < end) {
      while (sent - count <= 256) sent += await conn.write(block) / 2;
      const length = await conn.read(buffer);
      if (length === null) break;
      for (let at = buffer.indexOf(10); at >= 0 && at < length; at = buffer.indexOf(10, at + 1)) {
        count++;
      }
    }
    return count;
  }));
  return answered.reduce((sum, count) => sum + count) / seconds;
}
