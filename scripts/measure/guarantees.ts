/**
 * The cost of each guarantee: the server with its default options, against the same with one guarantee
 * off, or as far off as its option goes. Where there is no option, a constant of lib/ has another value.
 */

import type { Command } from "../tools/server_process.ts";
import { LOADS } from "./hop.ts";
import { Notes } from "./figures.ts";
import { type Load, measureServers } from "./rounds.ts";
import { hsha, type Tuning } from "./servers.ts";

/** The largest values that the limits' options take. */
const WIDEST = ["--max-line", String(2 ** 28), "--queue-limit", "10000000"];
const NO_TIMEOUTS = ["--idle-timeout", "0", "--write-timeout", "0", "--job-timeout", "0"];

/** No fair shares: first come, first served, with all that it has, whatever it costs. */
export const NO_FAIRNESS: Tuning = { fair: 0 };

/** Options against the default ones, under one load. */
export async function measureGuarantees(name: string): Promise<Notes> {
  const notes = new Notes();
  const options: Record<string, Command> = {
    default: hsha(),
    completion: hsha({ args: ["--order", "completion"] }),
    limits: hsha({ args: WIDEST }),
    timeouts: hsha({ args: NO_TIMEOUTS }),
    reject: hsha({ args: ["--overload", "reject"] }),
    crlf: hsha({ args: ["--newline", "crlf"] }),
  };
  // Not verified: with `completion` replies may overtake each other.
  await note(notes, { name, servers: options, load: { ...LOADS[name], verify: false } });
  return notes;
}

/** One job of a connection at a time, and turns by cost against turns by number. */
export async function measureSerial(): Promise<Notes> {
  const notes = new Notes();
  const fair = { default: hsha(), unfair: hsha({ tuning: NO_FAIRNESS }) };
  for (const name of ["w64x16", "pp64"]) {
    await note(notes, { name: `fair.${name}`, servers: fair, load: LOADS[name] });
  }
  const serial = { default: hsha(), serial: hsha({ args: ["--order", "serial"] }) };
  for (const name of ["w64x16", "w512x4", "pp64"]) {
    await note(notes, { name: `serial.${name}`, servers: serial, load: LOADS[name] });
  }
  return notes;
}

async function note(
  notes: Notes,
  { name, servers, load }: { name: string; servers: Record<string, Command>; load: Load },
): Promise<void> {
  const found = await measureServers(servers, load, { rounds: 5, seconds: 0.7, warmUp: 0.9 });
  for (const [server, summary] of Object.entries(found)) {
    notes.addServer(`cost.${name}.${server}`, summary);
  }
}
