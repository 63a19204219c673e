/** The built-in handlers that are programs: how their workers are made, each with a program beside it. */

import type { WorkerOptions } from "../half_sync/pool/box.ts";
import type { EventListener } from "../observe/events.ts";
import type { Settings } from "../option_check.ts";
import { commandOf } from "./exec/command.ts";
import { ProgramWorker } from "./exec/program_worker.ts";

/** The programs by their handlers' names: what is run, by the words behind `--` and what is granted. */
const PROGRAMS: ReadonlyMap<string | URL, typeof commandOf> = new Map([["exec", commandOf]]);

/** Whether a handler is a program, which stands behind `--`. */
export function isProgram(handler: string | URL): boolean {
  return PROGRAMS.has(handler);
}

/** What of a server's settings its programs need. */
type ProgramSettings = Pick<
  Settings,
  "handler" | "handlerArgs" | "permissions" | "jobTimeout" | "maxReply"
>;

/**
 * What makes the workers of a program; nothing for other handlers, whose workers are plain ones.
 *
 * @throws {Error} if there is no program, or it may not be run
 */
export function programWorkers(
  { handler, handlerArgs, permissions, jobTimeout, maxReply }: ProgramSettings,
  onEvent: EventListener,
): Pick<WorkerOptions, "worker"> {
  const command = PROGRAMS.get(handler)?.(handlerArgs, permissions);
  if (command === undefined) return {};
  return {
    worker: (entry, making, workerId) =>
      new ProgramWorker(entry, { making, workerId, command, jobTimeout, maxReply, onEvent }),
  };
}
