/**
 * `hsha serve --processes N`: what the command line means for several processes, and the signals, the port
 * and the log of their supervisor.
 */

import { PROCESS_WORD } from "../cluster/messages.ts";
import { selfStart } from "../cluster/self_start.ts";
import { ServiceFailure } from "../cluster/seat.ts";
import { ServerProcess } from "../cluster/server_process.ts";
import { ServicePage, type ServicePageOptions } from "../cluster/service_page.ts";
import { ServiceView } from "../cluster/service_view.ts";
import { Supervisor } from "../cluster/supervisor.ts";
import { claimPort, type PortClaim } from "../half_async/port_claim.ts";
import type { EventListener } from "../observe/events.ts";
import { createLog } from "../observe/log.ts";
import { LineQueue } from "../observe/line_queue.ts";
import { handlerName } from "../observe/sentences.ts";
import { webAddress } from "../observe/web_address.ts";
import type { Given } from "../option_kinds.ts";
import { SERVER_OPTIONS } from "../option_table.ts";
import { messageOf } from "../reason.ts";
import { Failure } from "./failure.ts";
import type { SERVE_TABLE } from "./serve_table.ts";
import { onCountersSignal, onReloadSignal, onStopSignal } from "./signals.ts";
import { UsageError } from "./usage_errors.ts";

type Options = Given<typeof SERVE_TABLE>;

/** Seconds beyond the drain timeout that a process may take to end. */
const GRACE = 5;

/** Milliseconds that the handlers' last output may take. */
const LAST_OUTPUT = 1000;

/**
 * Whether several processes are asked for.
 *
 * @throws {UsageError} They are, but this system or another option does not allow it.
 */
export function isSeveral(given: Options): boolean {
  const { processes = 1, unix } = given;
  if (processes === 1) return false;
  const refuse = (why: string) => new UsageError(`--processes is ${processes}; ${why}`);
  if (Deno.build.os !== "linux") {
    throw refuse("it must be 1 on this system: only on Linux can processes share a port");
  }
  if (unix !== undefined) throw refuse("it must be 1 with --unix: only a port can be shared");
  return true;
}

/** The workers of each process: as many as are given, or its share of the logical CPUs. */
export function shareOfWorkers({ workers, processes = 1 }: Options): number {
  return workers ?? Math.max(1, Math.floor(navigator.hardwareConcurrency / processes));
}

/**
 * Runs the supervisor and its processes until a signal stops them; resolves to the exit code.
 *
 * @throws {Failure | UsageError} They cannot start or go on; a process has said why.
 */
export async function supervise(given: Options): Promise<number> {
  const { processes = 1, drainTimeout = SERVER_OPTIONS.drainTimeout.default } = given;
  const log = createLog({ format: given.log, level: given.logLevel });
  const view = given.web === undefined ? undefined : viewOf(given);
  const onEvent: EventListener = (event) => {
    log(event);
    view?.take(event);
  };
  let page: ServicePage | undefined;
  let supervisor: Supervisor | undefined;
  let stopped = false;
  onStopSignal(() => {
    stopped = true;
    supervisor?.shutdown();
  });
  const reloadBySignal = onReloadSignal();
  onCountersSignal(() => void supervisor?.report());
  const output = new LineQueue({ sink: () => Deno.stdout, lost() {} });
  const print = (line: string) => output.write(line);
  const claimed = await claim(given);
  // Also when a second signal ends this program at once.
  globalThis.addEventListener("unload", () => supervisor?.kill());
  try {
    page = view && await openPage(given, {
      view,
      watched: (by) => supervisor?.watched(by),
      onEvent,
    });
    if (stopped) return 0;
    supervisor = new Supervisor({
      processes,
      launch: (number, tell, show) => {
        const words = [PROCESS_WORD, String(number), String(claimed.port), ...Deno.args];
        return new ServerProcess(selfStart(words), { tell, show, print });
      },
      stopTimeout: drainTimeout + GRACE,
      view,
      onListen() {
        claimed.release();
        reloadBySignal(() => supervisor?.reload());
      },
      onEvent,
    });
    await supervisor.finished;
  } catch (error) {
    throw asFailure(error);
  } finally {
    await page?.end();
    await Promise.all([log.flush(), output.flush(LAST_OUTPUT)]);
  }
  return 0;
}

/** How the service shows itself, before its first process does. */
function viewOf(given: Options): ServiceView {
  const { handler, order, maxConnections, queueLimit, maxLine, jobTimeout, overload } =
    SERVER_OPTIONS;
  return new ServiceView({
    processes: given.processes ?? 1,
    options: {
      handler: handlerName(given.handler ?? handler.default),
      order: given.order ?? order.default,
      workers: shareOfWorkers(given),
      maxConnections: given.maxConnections ?? maxConnections.default,
      queueLimit: given.queueLimit ?? queueLimit.default,
      maxLine: given.maxLine ?? maxLine.default,
      jobTimeout: given.jobTimeout ?? jobTimeout.default,
      overload: given.overload ?? overload.default,
    },
  });
}

async function openPage(
  { web = "", bootTimeout = SERVER_OPTIONS.bootTimeout.default }: Options,
  options: Pick<ServicePageOptions, "view" | "watched" | "onEvent">,
): Promise<ServicePage | undefined> {
  const address = webAddress(web);
  return address && await ServicePage.start({ address, bootTimeout, ...options });
}

async function claim({ host, port }: Options): Promise<PortClaim> {
  try {
    return await claimPort(
      host ?? SERVER_OPTIONS.host.default,
      port ?? SERVER_OPTIONS.port.default,
    );
  } catch (error) {
    throw asFailure(error);
  }
}

/** The error for the user: a mistake if a process has ended with the code for one, else a failure. */
function asFailure(error: unknown): Failure | UsageError {
  const message = messageOf(error);
  const isUsage = error instanceof ServiceFailure && error.code === 2;
  return isUsage ? new UsageError(message) : new Failure(message);
}
