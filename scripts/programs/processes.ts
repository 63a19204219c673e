/** What Linux says of a process: those that it has started, and its memory. */

/** All processes that a process has started, and those that these have started. */
export function childrenOf(pid: number): number[] {
  try {
    const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)];
    const own = tasks.flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).trim().split(" ")
    );
    return own.filter(Boolean).map(Number).flatMap((child) => [child, ...childrenOf(child)]);
  } catch {
    return []; // it has ended meanwhile
  }
}

/** A process's share of memory (PSS), in MiB; 0 if it has ended. */
export function memoryOf(pid: number): number {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
    return Number(text.match(/^Pss:\s+(\d+)/m)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** All processes whose command line has a text in it, whatever their parents. */
export function processesWith(text: string): number[] {
  const has = (pid: string) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes(text);
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return [...Deno.readDirSync("/proc")].map(({ name }) => name)
    .filter((name) => /^\d+$/.test(name) && has(name)).map(Number);
}
