/**
 * `hsha serve`, the default command: turns flags into the options of `serve`, and signals into a
 * stop.
 */

import { Member } from "../cluster/member.ts";
import { type AccessLog, openAccessLog } from "../observe/access_log.ts";
import type { EventListener, ServerEvent } from "../observe/events.ts";
import { createLog } from "../observe/log.ts";
import type { OpenScreen } from "../observe/screen.ts";
import { type Given, quote } from "../option_kinds.ts";
import { SERVER_OPTIONS } from "../option_table.ts";
import type { TlsOptions } from "../options.ts";
import { ORDERS } from "../orders.ts";
import { messageOf, reason } from "../reason.ts";
import type { LineServer } from "../line_server.ts";
import { startServer } from "../server.ts";
import { checkStart } from "./check_start.ts";
import { defineCommand } from "./command.ts";
import { grantsOf } from "./grants.ts";
import { checkProgram, locateHandler } from "./locate_handler.ts";
import { Failure } from "./failure.ts";
import { natsUrl } from "./nats_url.ts";
import { preventPrompts } from "./no_prompt.ts";
import { print } from "./output.ts";
import { readPem } from "./pem.ts";
import { SERVE_TABLE } from "./serve_table.ts";
import { onCountersSignal, onReloadSignal, onStopSignal } from "./signals.ts";
import { UsageError } from "./usage_errors.ts";
import { explainStart } from "./start_errors.ts";
import { isSeveral, shareOfWorkers, supervise } from "./supervise.ts";

type Options = Given<typeof SERVE_TABLE>;

/** The command; its exit code is 0 after a graceful stop. */
export const serve = defineCommand({
  name: "serve",
  summary: "hsha: a Half-Sync/Half-Async line server. A synchronous handler in a fixed set\n" +
    "of Web Workers answers each line of its clients.",
  usage: [
    "hsha [serve] [options] [-- ARG…]       ARG… are for the handler",
    "hsha work [options] [-- ARG…]          a worker machine; see hsha work --help",
    "hsha connect [options] [HOST:]PORT     a line client; see hsha connect --help",
    "hsha bench [options] [HOST:]PORT       a load generator; see hsha bench --help",
    "hsha completions bash|zsh|fish         completion for your shell",
  ],
  table: SERVE_TABLE,
  passesOn: true,
  excludes: [
    ["unix", "host"],
    ["unix", "port"],
    ["unix", "tlsCert"],
    ["unix", "tlsKey"],
    ["socketMode", "host"],
    ["socketMode", "port"],
    ["socketMode", "tlsCert"],
    ["socketMode", "tlsKey"],
  ],
  needs: [["tlsCert", "tlsKey"], ["tlsKey", "tlsCert"], ["socketMode", "unix"]],
  notes: [
    "A variable of the environment stands in for an absent option: HSHA_PORT for --port, " +
    "HSHA_MAX_LINE for --max-line, and so on.",
    "SIGINT or SIGTERM stops the server once it has answered every line that it accepted; a " +
    "second one ends it at once, with exit code 130 or 143. SIGHUP loads the handler anew, or at a " +
    "terminal stops the server. SIGUSR2 logs its counters. (SIGUSR1 is Deno's own: it opens a " +
    "debugger on 127.0.0.1:9229.)",
    "Exit codes: 0 after a graceful stop, 1 when it cannot start or go on, 2 when the command " +
    "line is wrong.",
  ],
  examples: [
    ["hsha", "answer each line with the worker's ID and the line, on 127.0.0.1:7007"],
    ["hsha -p 9000 -w 4 --handler ./shout.ts", "run your own handler in four workers"],
    ["hsha --handler ./db.js --allow-read=data --log json", "grant it a folder; log as JSON"],
  ],
  async run(given, handlerArgs) {
    const member = Member.current;
    if (member === undefined && isSeveral(given) && !given.check) return await supervise(given);
    const { tlsCert, tlsKey, handler, log: format = "text", logLevel: level = "info" } = given;
    checkProgram(handler, handlerArgs);
    const nats = natsOf(given);
    const stop = new AbortController();
    onStopSignal(() => stop.abort());
    member?.onStop(() => stop.abort());
    const log = createLog({ format, level, process: member?.number });
    const running: { server?: LineServer; access?: AccessLog } = {};
    const reload = async () => {
      void running.access?.reopen();
      await running.server!.reload().catch(() => {}); // an event tells why it cannot
    };
    const report = () => running.server?.report();
    // From the beginning: a signal that nobody listens to ends the program.
    onCountersSignal(report);
    const reloadBySignal = onReloadSignal();
    preventPrompts();
    const access = running.access = await openAccess(given.accessLog, log);
    const options = {
      ...pick(given, keysOf(SERVER_OPTIONS)),
      handler: handler === undefined ? undefined : locateHandler(handler),
      tls: readTls(tlsCert, tlsKey),
      permissions: grantsOf(given),
      handlerArgs,
      signal: stop.signal,
      nats,
      ...(member && {
        port: member.port,
        reusePort: true,
        workers: nats === undefined ? shareOfWorkers(given) : given.workers,
        web: undefined, // its supervisor has the page
      }),
      onEvent(event: ServerEvent) {
        if (member?.takes(event)) return;
        log(event);
        access?.(event);
      },
    };
    try {
      if (given.check) {
        await checkStart(options);
        print("The options, their files and the handler are in order.\n");
        return 0;
      }
      const screens: OpenScreen[] = member === undefined || given.web === undefined
        ? []
        : [(listener) => member.openScreen(listener)];
      const server = running.server = await startServer(options, {
        screens,
        process: member?.number,
      });
      reloadBySignal(reload);
      member?.attach({ reload, report, times: () => server.times.shown() });
      await running.server.finished;
    } catch (error) {
      throw explainStart(messageOf(error), given);
    } finally {
      await access?.close();
      await log.flush();
    }
    return 0;
  },
});

/** Where NATS is, if worker machines are to run the jobs. */
function natsOf({ nats, service, natsCreds, order, handler, workers }: Options) {
  if (service !== undefined) nats = natsUrl(nats, `--service is ${quote(service)}`);
  if (natsCreds !== undefined) nats = natsUrl(nats, `--nats-creds is ${quote(natsCreds)}`);
  if (nats === undefined) return undefined;
  if (order !== undefined && ORDERS[order].pinned) {
    throw new UsageError(
      `--order is ${quote(order)}; with --nats no worker is a connection's own`,
    );
  }
  if (handler !== undefined && workers === undefined) {
    throw new UsageError(
      `--handler is ${quote(handler)}; with --nats it needs --workers as well: ` +
        "worker machines have handlers of their own",
    );
  }
  return nats;
}

async function openAccess(
  file: string | undefined,
  tell: EventListener,
): Promise<AccessLog | undefined> {
  try {
    return file === undefined ? undefined : await openAccessLog(file, tell);
  } catch (error) {
    throw new Failure(`cannot open --access-log ${quote(file)}: ${reason(error)}`);
  }
}

function readTls(certFile?: string, keyFile?: string): TlsOptions | undefined {
  if (certFile === undefined || keyFile === undefined) return undefined;
  return {
    cert: readPem("--tls-cert", certFile, "a certificate"),
    key: readPem("--tls-key", keyFile, "a private key without a password"),
  };
}

function keysOf<T extends object>(table: T): (keyof T)[] {
  // Sound for the constants that it is called with: they have no other keys than their types say.
  return Object.keys(table) as (keyof T)[];
}

function pick<T extends object, K extends keyof T>(from: T, keys: K[]): Pick<T, K> {
  const entries = keys.map((key) => [key, from[key]]);
  return Object.fromEntries(entries) as Pick<T, K>;
}
