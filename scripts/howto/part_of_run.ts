/**
 * A run that takes some experiments anew and keeps the other figures. These are said to be of the same
 * machine, so it has to be the same.
 */

import { machineName } from "../compare/machine.ts";
import type { Measured } from "./measured.ts";

/** The machine and the Deno that figures are said to be of. */
export async function thisMachine(): Promise<string> {
  return `${await machineName()}, Deno ${Deno.version.deno}`;
}

/**
 * Why these experiments cannot be taken alone, in one line; `undefined` where they can.
 *
 * @param names The experiments.
 * @param run Those that there are, the run whose figures stay, and the machine of this one.
 */
export function partFault(
  names: readonly string[],
  { experiments, kept, machine }: {
    experiments: Readonly<Record<string, unknown>>;
    kept: Pick<Measured, "machine">;
    machine: string;
  },
): string | undefined {
  const unknown = names.find((name) => !Object.hasOwn(experiments, name));
  if (unknown !== undefined) {
    return `there is no experiment "${unknown}"; there are ${Object.keys(experiments).join(", ")}`;
  }
  if (names.length === 0 || kept.machine === "" || kept.machine === machine) return undefined;
  return `the other figures are of ${kept.machine}, and this is ${machine}; take all experiments`;
}
