/**
 * Names the machine that figures come from: processor, cores, memory, system.
 */

import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** The machine in one line. */
export async function machineName(): Promise<string> {
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const system = [await distribution(), `${type()} ${release()}`].filter(Boolean).join(", ");
  return `${model}, ${availableParallelism()} logical CPUs, ${memory}, ${system}, ${Deno.build.arch}`;
}

async function distribution(): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  try {
    const text = await Deno.readTextFile("/etc/os-release");
    return text.match(/^PRETTY_NAME="?(.*?)"?$/m)?.[1] ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
