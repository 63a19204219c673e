/**
 * A run that takes some experiments anew and keeps the other figures. The pages name one machine for all of
 * them, so it must be the same one.
 */

import { machineName } from "../compare/machine.ts";
import type { Measured } from "./measured.ts";

/** The machine and the Deno that the pages name with their figures. */
export async function thisMachine(): Promise<string> {
  return `${await machineName()}, Deno ${Deno.version.deno}`;
}

/**
 * Why these experiments cannot be taken alone, in one line; `undefined` where they can.
 *
 * @param names The experiments.
 * @param run All experiments, the run whose figures stay, and this machine.
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
