/**
 * What the hop to a worker costs: this server against the same echo inline, and against Go, under
 * the loads of the comparison.
 */

import { Notes } from "./figures.ts";
import { type Load, measureServers } from "./rounds.ts";
import { go, hsha, inline, present } from "./servers.ts";

/** The loads by name. */
export const LOADS: Record<string, Load> = {
  pp1: {},
  pp64: { connections: 64 },
  w64x16: { connections: 16, window: 64 },
  w512x4: { connections: 4, window: 512 },
};

/** The hop, under each load. */
export async function measureHop(): Promise<Notes> {
  const notes = new Notes();
  const servers = present({ inline: inline(), hsha: hsha(), go: await go() });
  for (const [load, numbers] of Object.entries(LOADS)) {
    const found = await measureServers(servers, numbers, { rounds: 3 });
    for (const [name, summary] of Object.entries(found)) {
      notes.addServer(`hop.${load}.${name}`, summary);
    }
    notes.add(`hop.${load}.more`, found.hsha.cpu - found.inline.cpu, "µs");
  }
  return notes;
}
