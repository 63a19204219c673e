/** What a process has of the machine, as the kernel tells it in /proc: Linux only. */

/** Figures of one process at one moment. */
export interface Usage {
  /** Resident memory, in MiB. */
  rss: number;
  /** The most of it since the start, or since the last {@linkcode forgetPeak}, in MiB. */
  peak: number;
  /** CPU time of all threads since the start, in seconds. */
  cpu: number;
  threads: number;
  descriptors: number;
}

/** CPU time in microseconds since a process started. */
export interface ThreadUsage {
  /** Of the main thread, which is the reactor. */
  main: number;
  /** Of workers, the garbage collector, the compiler's threads. */
  others: number;
}

/** What the kernel counts CPU time in: USER_HZ, 100 in the Linux ABI of every current machine. */
const TICKS_PER_SECOND = 100;
/** Milliseconds between two looks. */
const INTERVAL = 50;
/** Milliseconds before a load's end that do not count: the generator takes its last replies. */
const TAIL = 150;

/** The figures of process `pid`. */
export function usageOf(pid: number): Usage {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1]);
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    rss: field("VmRSS") / 1024,
    peak: field("VmHWM") / 1024,
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    threads: field("Threads"),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

/** Begins to measure the peak of a process anew. @returns its resident memory now, in MiB */
export function forgetPeak(pid: number): number {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  return usageOf(pid).rss;
}

/** The names of a process's threads, by their IDs; of one that has just ended an empty one. */
function threadsOf(pid: number, file: string): [thread: string, text: string][] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => {
    try {
      return [name, Deno.readTextFileSync(`/proc/${pid}/task/${name}/${file}`)];
    } catch {
      return [name, ""];
    }
  });
}

/** How many threads of process `pid` are Web Workers, by the name that Deno gives them. */
export function workerThreads(pid: number): number {
  return threadsOf(pid, "comm").filter(([, name]) => /^worker-\d+$/m.test(name)).length;
}

/** The threads' CPU time; `undefined` where the system does not say. */
export function threadUsage(pid: number): ThreadUsage | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const usage = { main: 0, others: 0 };
  for (const [thread, text] of threadsOf(pid, "schedstat")) {
    // The first field is the time on a processor, in nanoseconds.
    usage[thread === String(pid) ? "main" : "others"] += Number(text.split(" ")[0]) / 1000;
  }
  return usage;
}

/**
 * Watches a process while a load runs that ends with its measured time.
 *
 * @param run The load.
 * @param options The process, and the seconds at the end of the load that are measured.
 * @returns What the load came to, and how many cores the threads used in those seconds, on average.
 */
export async function watchThreads<T>(
  run: () => Promise<T>,
  { pid, seconds }: { pid: number; seconds: number },
): Promise<{ result: T; cores: ThreadUsage | undefined }> {
  const looks: { at: number; usage: ThreadUsage }[] = [];
  const timer = setInterval(() => {
    try {
      const usage = threadUsage(pid);
      if (usage !== undefined) looks.push({ at: performance.now(), usage });
    } catch { /* the process has ended: the load will fail */ }
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
