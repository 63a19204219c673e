/** Every check of scripts/limits.ts, in the order in which they run. */

import { checkOf } from "./attack.ts";
import { CONNECTION_ATTACKS } from "./attacks_connections.ts";
import { FLOOD_ATTACKS } from "./attacks_floods.ts";
import { JOB_ATTACKS } from "./attacks_jobs.ts";
import { MEMORY_ATTACKS } from "./attacks_memory.ts";
import { PAGE_ATTACKS } from "./attacks_page.ts";
import type { Check } from "./check.ts";
import { deafClients } from "./deaf_clients.ts";
import { endlessLine } from "./endless_line.ts";
import { hoarders } from "./hoarders.ts";
import { idleConnections } from "./idle_connections.ts";

export const CHECKS: readonly Check[] = [
  endlessLine(),
  deafClients(),
  deafClients(200),
  idleConnections(),
  hoarders(),
  ...[...MEMORY_ATTACKS, ...CONNECTION_ATTACKS, ...JOB_ATTACKS, ...FLOOD_ATTACKS, ...PAGE_ATTACKS]
    .map(checkOf),
];
