/**
 * What the kernel says of a server's CPU time and memory. Linux only: elsewhere there is no /proc,
 * and the table's cells stay empty.
 */

/** What the kernel counts CPU time in: USER_HZ, 100 in the Linux ABI of every current machine. */
const TICKS_PER_SECOND = 100;
/** Milliseconds between two looks at the CPU time. */
const INTERVAL = 50;
/** Milliseconds before the end that do not count: the generator takes its last replies and exits. */
const TAIL = 150;

/** What a process has used since it started, all its threads together. */
export interface Usage {
  cpuSeconds: number;
  peakRssMiB: number;
}

/** Reads what a process has used; `undefined` where the system does not say. */
export async function readUsage(pid: number): Promise<Usage | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold spaces; the 14th and 15th
  // are the user's and the system's time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakRssMiB: Number(status.match(/^VmHWM:\s+(\d+) kB/m)?.[1]) / 1024,
  };
}

/**
 * Watches a process while a load runs that ends with its measured time.
 *
 * @param run The load.
 * @param options The process, and the seconds at the end of the load that are measured.
 * @returns What the load came to, and how many cores the process used in those seconds.
 */
export async function watchCores<T>(
  run: () => Promise<T>,
  { pid, seconds }: { pid: number; seconds: number },
): Promise<{ result: T; cores: number | undefined }> {
  const looks: { at: number; cpuSeconds: number }[] = [];
  let looking = Promise.resolve();
  const look = async () => {
    try {
      const usage = await readUsage(pid);
      if (usage) looks.push({ at: performance.now(), cpuSeconds: usage.cpuSeconds });
    } catch { /* the process has ended: the load tells of it */ }
  };
  const timer = setInterval(() => looking = looking.then(look), INTERVAL);
  let result: T;
  try {
    result = await run();
  } finally {
    clearInterval(timer);
    await looking;
  }
  const end = performance.now();
  const measured = looks.filter(({ at }) => at > end - seconds * 1000 && at < end - TAIL);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    return { result, cores: undefined };
  }
  return { result, cores: (last.cpuSeconds - first.cpuSeconds) / (last.at - first.at) * 1000 };
}
