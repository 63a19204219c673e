/** `hsha work`: a worker machine, which runs the lines of servers elsewhere. */

import { WorkingNode } from "../cluster/nodes/work.ts";
import { createLog } from "../observe/log.ts";
import type { ServerEvent } from "../observe/events.ts";
import { resolveOptions } from "../option_check.ts";
import { messageOf } from "../reason.ts";
import { defineCommand } from "./command.ts";
import { grantsOf } from "./grants.ts";
import { checkProgram, locateHandler } from "./locate_handler.ts";
import { natsUrl } from "./nats_url.ts";
import { preventPrompts } from "./no_prompt.ts";
import { onCountersSignal, onReloadSignal, onStopSignal } from "./signals.ts";
import { explainStart } from "./start_errors.ts";
import { WORK_TABLE } from "./work_table.ts";

/** The command; its exit code is 0 after a graceful stop. */
export const work = defineCommand({
  name: "work",
  summary: "Runs lines of servers elsewhere: of every hsha serve --nats with the same service.\n" +
    "Any number of machines may do so, and come and go at any time.",
  usage: ["hsha work --nats URL [options] [-- ARG…]       ARG… are for the handler"],
  table: WORK_TABLE,
  passesOn: true,
  notes: [
    "A variable of the environment stands in for an absent option: HSHA_SERVICE for --service, " +
    "and so on.",
    "SIGINT or SIGTERM makes it leave: it takes no further line, and runs those that it has. A second " +
    "one ends it at once. SIGHUP loads the handler anew, or at a terminal makes it leave. SIGUSR2 " +
    "logs its counters.",
    "Exit codes: 0 after a graceful stop, 1 when it cannot start or go on, 2 when the command " +
    "line is wrong.",
  ],
  examples: [
    ["hsha work --nats nats://10.0.0.5 --handler ./shout.ts", "run shout.ts for the service hsha"],
    ["hsha serve --nats nats://10.0.0.5", "one of its servers, on any machine"],
  ],
  async run(given, handlerArgs) {
    const { handler, log: format = "text", logLevel: level = "info" } = given;
    const nats = natsUrl(given.nats, "A worker machine finds its servers over NATS");
    checkProgram(handler, handlerArgs);
    const stop = new AbortController();
    onStopSignal(() => stop.abort());
    const log = createLog({ format, level });
    let node: WorkingNode | undefined;
    onCountersSignal(() => node?.report());
    const reloadBySignal = onReloadSignal();
    preventPrompts();
    const { service, natsCreds, workers, maxReply, maxHeap, jobTimeout } = given;
    const { bootTimeout, drainTimeout, maxAbandoned } = given;
    try {
      const settings = resolveOptions({
        ...{ service, natsCreds, maxReply, maxHeap, jobTimeout },
        ...{ bootTimeout, drainTimeout, maxAbandoned },
        nats,
        workers: workers ?? navigator.hardwareConcurrency,
        handler: handler === undefined ? undefined : locateHandler(handler),
        permissions: grantsOf(given),
        handlerArgs,
        signal: stop.signal,
      });
      const { name = `${Deno.hostname()}-${Deno.pid}` } = given;
      const onEvent = (event: ServerEvent) => log(event);
      const working = node = await WorkingNode.start({ ...settings, nats, name }, onEvent);
      reloadBySignal(() => void working.reload());
      await working.finished;
    } catch (error) {
      throw explainStart(messageOf(error), given);
    } finally {
      await log.flush();
    }
    return 0;
  },
});
