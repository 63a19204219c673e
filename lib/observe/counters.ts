/** The counters of a new server. */

import type { Counters } from "./events.ts";

/** All at zero. */
export function newCounters(): Counters {
  return {
    accepted: 0,
    answered: 0,
    failed: 0,
    gone: 0,
    connections: 0,
    refused: 0,
    discarded: 0,
    replaced: 0,
    abandoned: 0,
  };
}
