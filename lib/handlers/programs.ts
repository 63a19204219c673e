/** Makes the workers of built-in handlers that are programs: each worker has a program beside it. */

import type { WorkerOptions } from "../half_sync/pool/box.ts";
import type { EventListener } from "../observe/events.ts";
import type { Settings } from "../option_check.ts";
import { commandOf } from "./exec/command.ts";
import { ProgramWorker } from "./exec/program_worker.ts";

/** The programs by their handlers' names: each makes a command of the words after `--` and the grants. */
const PROGRAMS: ReadonlyMap<string | URL, typeof commandOf> = new Map([["exec", commandOf]]);

/** Whether a handler is a program, which is named after `--`. */
export function isProgram(handler: string | URL): boolean {
  return PROGRAMS.has(handler);
}

/** The settings of a server that its programs need. */
type ProgramSettings = Pick<
  Settings,
  "handler" | "handlerArgs" | "permissions" | "jobTimeout" | "maxReply"
>;

/**
 * The pool's option that makes the workers of a program; none for other handlers, whose workers are plain.
 *
 * @throws {Error} if no program is named, or the one that is cannot or may not be run
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
