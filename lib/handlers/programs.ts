/** The workers of `exec`, which have a program beside them: how they are made. */

import type { WorkerOptions } from "../half_sync/pool/box.ts";
import type { EventListener } from "../observe/events.ts";
import type { Settings } from "../option_check.ts";
import { commandOf } from "./exec/command.ts";
import { ProgramWorker } from "./exec/program_worker.ts";

/** What of a server's settings its programs need. */
type ProgramSettings = Pick<
  Settings,
  "handler" | "handlerArgs" | "permissions" | "jobTimeout" | "maxReply"
>;

/**
 * What makes the workers of `exec`; nothing for other handlers, whose workers are plain ones.
 *
 * @throws {Error} if there is no program, or it may not be run
 */
export function programWorkers(
  { handler, handlerArgs, permissions, jobTimeout, maxReply }: ProgramSettings,
  onEvent: EventListener,
): Pick<WorkerOptions, "worker"> {
  if (handler !== "exec") return {};
  const command = commandOf(handlerArgs, permissions);
  return {
    worker: (entry, making, workerId) =>
      new ProgramWorker(entry, { making, workerId, command, jobTimeout, maxReply, onEvent }),
  };
}
