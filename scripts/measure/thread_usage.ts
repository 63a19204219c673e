/**
 * What the kernel says of a process's threads: the CPU time of the main one, which is the reactor,
 * and of all others together. Linux only: elsewhere there is no /proc.
 */

/** CPU time in microseconds since the process started. */
export interface ThreadUsage {
  main: number;
  /** Workers, the garbage collector, the compiler's threads. */
  others: number;
}

/** Cores used, on the average of some time. */
export interface Cores {
  main: number;
  others: number;
}

/** Milliseconds between two looks. */
const INTERVAL = 50;
/** Milliseconds before a load's end that do not count: the generator takes its last replies. */
const TAIL = 150;

/** Reads the threads' CPU time; `undefined` where the system does not say. */
export function readThreads(pid: number): ThreadUsage | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const usage = { main: 0, others: 0 };
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const micros = threadTime(pid, name);
    if (name === String(pid)) usage.main += micros;
    else usage.others += micros;
  }
  return usage;
}

/** The first field of schedstat is the time on a processor in nanoseconds. */
function threadTime(pid: number, thread: string): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]) /
      1000;
  } catch {
    return 0; // the thread has just ended
  }
}

/** Memory of a process in MiB: now, and at its largest since it started. */
export function readMemory(pid: number): { now: number; peak: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mebibytes = (name: string) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]) / 1024;
  return { now: mebibytes("VmRSS"), peak: mebibytes("VmHWM") };
}

/**
 * Watches a process while a load runs that ends with its measured time.
 *
 * @returns What the load came to, and the cores that the process used in those seconds.
 */
export async function watchThreads<T>(
  run: () => Promise<T>,
  { pid, seconds }: { pid: number; seconds: number },
): Promise<{ result: T; cores: Cores | undefined }> {
  const looks: { at: number; usage: ThreadUsage }[] = [];
  const timer = setInterval(() => {
    try {
      const usage = readThreads(pid);
      if (usage !== undefined) looks.push({ at: performance.now(), usage });
    } catch { /* the process has ended: the load tells of it */ }
  }, INTERVAL);
  let result: T;
  try {
    result = await run();
  } finally {
    clearInterval(timer);
  }
  const end = performance.now();
  const measured = looks.filter(({ at }) => at > end - seconds * 1000 && at < end - TAIL);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    return { result, cores: undefined };
  }
  const micros = (last.at - first.at) * 1000;
  return {
    result,
    cores: {
      main: (last.usage.main - first.usage.main) / micros,
      others: (last.usage.others - first.usage.others) / micros,
    },
  };
}
