/**
 * Repeats a measurement if the machine was busy with something else meanwhile (Linux: /proc).
 */

import { pause } from "../tools/pause.ts";

/** Cores that others may use during a measurement without spoiling it. */
const TOLERANCE = 0.15;
/** Seconds to wait for a quiet machine; then the measurement is taken all the same. */
const PATIENCE = 30;
const CLOCK_TICKS_PER_SECOND = 100;

/**
 * Runs an experiment when the machine is quiet. If it was disturbed, runs it again, up to `attempts`
 * times in all. With 0 attempts it runs at once, and once.
 *
 * @returns What the least disturbed run found, and the cores that others used during it.
 */
export async function inQuiet<T>(
  run: () => Promise<T>,
  attempts: number,
): Promise<{ found: T; others: number }> {
  let best: { found: T; others: number } | undefined;
  for (let attempt = 0; attempt < Math.max(1, attempts); attempt++) {
    if (attempts > 0) await untilQuiet();
    const [start, busy, own] = [performance.now(), busyTime(), ownTime()];
    const found = await run();
    const seconds = (performance.now() - start) / 1000;
    const others = Math.max(0, busyTime() - busy - (ownTime() - own)) / seconds;
    if (best === undefined || others < best.others) best = { found, others };
    if (best.others <= TOLERANCE) break;
  }
  return best!;
}

async function untilQuiet(): Promise<void> {
  for (let second = 0; second < PATIENCE; second++) {
    const busy = busyTime();
    await pause(1000);
    if (busyTime() - busy <= TOLERANCE) return;
  }
}

/** Processor time that the whole machine has used so far, in seconds over all cores. */
function busyTime(): number {
  const [, ...ticks] = Deno.readTextFileSync("/proc/stat").split("\n")[0].split(/ +/).map(Number);
  const [user, nice, system, , , irq, softirq, steal] = ticks;
  return (user + nice + system + irq + softirq + steal) / CLOCK_TICKS_PER_SECOND;
}

/** Processor time of this process and of the children that it has waited for, in seconds. */
function ownTime(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks) / CLOCK_TICKS_PER_SECOND;
}
