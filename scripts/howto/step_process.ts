/** A step's program in a process of its own, as a reader runs it, on a free port. */

import { fileURLToPath } from "node:url";
import { ServerProcess } from "../tools/server_process.ts";
import { HOWTO } from "./pages.ts";

/** Starts a program of docs/howto, and waits until it says where it listens. */
export function startStep(program: string): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(program, HOWTO));
  return ServerProcess.spawn({ program: Deno.execPath(), args: ["run", "-A", path, "0"] });
}

/** Megabytes, the pages' unit of memory, in a mebibyte. */
export const MEGABYTES = 2 ** 20 / 1e6;
