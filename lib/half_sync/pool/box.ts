/**
 * The box a handler runs in: a worker with no permissions but those granted. Its entry module can still load
 * the worker's program and the handler.
 */

import { NO_PERMISSIONS } from "../../no_permissions.ts";
import { PROCESS_ID } from "../../process_id.ts";
import { withoutLink } from "../../handler_file.ts";
import type { Bell } from "../memory/hop.ts";
import type { Beat } from "../memory/leased_slot.ts";
import type { HandlerExports, JobSettings } from "../memory/messages.ts";
import type { HandlerPermissions } from "../permissions.ts";
import { nameFor } from "../worker/launch.ts";
import type { WorkerAccounts } from "./worker_account.ts";

/** What every worker of a pool is started with. */
export interface WorkerOptions {
  /** Module of the handler. */
  handler: URL;
  /** What the handler may do on the machine. */
  permissions: HandlerPermissions;
  /** Seconds until a worker must be ready. */
  bootTimeout: number;
  /** The handler's words of the command line. */
  handlerArgs: readonly string[];
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /**
   * Decides how jobs are run by a handler with these exports.
   *
   * @throws {Error} if its defaults are not valid, with the reason
   */
  settle: (exports: HandlerExports) => JobSettings;
  /** What is counted of workers, by ID. @default {an account of its own for each} */
  accounts?: WorkerAccounts;
  /** What workers ring when they have done something. */
  bell: Bell;
  /** Says that this process goes on; without the beat, workers start no line. @default {they do not ask} */
  beat?: Beat;
  /** Makes a worker, and the channel to it; tests play both. @default {those of the runtime} */
  worker?: (entry: URL, options: WorkerOptionsOfDeno, workerId: number) => Worker;
  channel?: () => MessageChannel;
}

/** What a worker of Deno is made with. */
type WorkerOptionsOfDeno = NonNullable<ConstructorParameters<typeof Worker>[1]>;

/** Starts a worker in its box. @throws {Error} if the system has no thread for it */
export function startInBox(workerId: number, options: WorkerOptions): Worker {
  const { handler, permissions, worker = (entry, made) => new Worker(entry, made) } = options;
  const { handlerArgs: args, jobTimeout } = options;
  const made: WorkerOptionsOfDeno = {
    type: "module",
    name: nameFor({ processId: PROCESS_ID, workerId, args, jobTimeout }),
    deno: { permissions: { ...NO_PERMISSIONS, ...permissions } },
  };
  return worker(entryModule(withoutLink(handler)), made, workerId);
}

/**
 * The entry module of a worker that serves jobs with the default export of `handler`.
 *
 * Deno loads a module imported under a literal name, and its own imports, whatever the worker may read. The
 * worker's program comes first, so that the worker is sealed before the handler runs. The handler's import is
 * dynamic, so that its errors can be told in one line: the error of a static import ends the worker, and Deno
 * prints a stack trace.
 */
function entryModule(handler: URL): URL {
  const program = import.meta.resolve("../worker/worker.ts");
  const source = `import { refuse, serveJobs } from ${JSON.stringify(program)};\n` +
    `import(${JSON.stringify(handler.href)}).then(serveJobs, refuse);\n`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
