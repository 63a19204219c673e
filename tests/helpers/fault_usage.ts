/** What a process has of the machine, as the kernel tells it in /proc. Linux only. */

/** Figures of one process at one moment. */
export interface Usage {
  /** Resident memory, in MiB. */
  rss: number;
  /** The most of it since the last {@linkcode forgetPeak}, in MiB. */
  peak: number;
  /** CPU time of all threads since its start, in seconds. */
  cpu: number;
  threads: number;
  descriptors: number;
}

/** What the kernel counts CPU time in: USER_HZ, 100 in the Linux ABI of every current machine. */
const TICKS_PER_SECOND = 100;

/** The figures of process `pid`. */
export function usageOf(pid: number): Usage {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kib = (name: string) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1]);
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    rss: kib("VmRSS") / 1024,
    peak: kib("VmHWM") / 1024,
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    threads: kib("Threads"),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

/** How many threads of process `pid` are Web Workers, by the name that Deno gives them. */
export function workerThreads(pid: number): number {
  const names = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/task/${name}/comm`);
    } catch {
      return ""; // it has ended meanwhile
    }
  });
  return names.filter((name) => /^worker-\d+$/m.test(name)).length;
}

/** Begins to measure the peak of a process anew. @returns its resident memory now, in MiB */
export function forgetPeak(pid: number): number {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  return usageOf(pid).rss;
}
