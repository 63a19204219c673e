/** What the operating system says about this process. */

import process from "node:process";
import type { ProcessShown } from "./snapshot.ts";

/** Snapshots for each count of the descriptors: counting is a system call, which blocks the reactor. */
const RARELY = 20;

/** The limit of open descriptors, as Linux shows it. */
const LIMIT = /^Max open files\s+(\d+)/m;

/** Looks at the process. */
export class ProcessStats {
  #open: number | undefined;
  readonly #limit = descriptorLimit();
  #looks = 0;

  /** The process now, without the lag of its event loop. */
  look(): Omit<ProcessShown, "loopLagSeconds"> {
    if (this.#looks++ % RARELY === 0) this.#open = openDescriptors();
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      rssBytes: Deno.memoryUsage().rss,
      ...this.#open !== undefined && { openDescriptors: this.#open },
      ...this.#limit !== undefined && { maxDescriptors: this.#limit },
    };
  }
}

/** How many descriptors are open. Since Linux 6.2 the size of this folder says it; `undefined` elsewhere. */
function openDescriptors(): number | undefined {
  try {
    return Deno.statSync("/proc/self/fd").size || undefined;
  } catch {
    return undefined; // not Linux, or no permission
  }
}

function descriptorLimit(): number | undefined {
  try {
    const limit = LIMIT.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
