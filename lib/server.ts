/** The start of a server: its options, its socket and its workers, one after the other. */

import { DescriptorReserve } from "./descriptors.ts";
import { Listener } from "./half_async/listener.ts";
import { tlsBehindProxy } from "./half_async/tls_behind_proxy.ts";
import { handlerUrl } from "./handlers/mod.ts";
import { programWorkers } from "./handlers/programs.ts";
import { LineServer, type Server } from "./line_server.ts";
import type { EventListener, ServerEvent } from "./observe/events.ts";
import { LineTimes } from "./observe/line_times.ts";
import { Monitor } from "./observe/monitor.ts";
import type { OpenScreen } from "./observe/screen.ts";
import { telemetryScreens } from "./observe/telemetry.ts";
import { resolveOptions } from "./option_check.ts";
import type { ServeOptions } from "./options.ts";
import type { Runners } from "./runners.ts";
import { Service } from "./service.ts";
import { startRunners } from "./start_runners.ts";

export type { Server };

/**
 * Starts a server. When the promise resolves, it listens and its workers are ready.
 *
 * @example Ask it one line
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { serve } from "./mod.ts";
 *
 * await using server = await serve({ port: 0, workers: 1 });
 * const { port } = server.addr as Deno.NetAddr;
 * const conn = await Deno.connect({ port });
 * await conn.write(new TextEncoder().encode("hello\n"));
 * const reply = new Uint8Array(80);
 * const length = await conn.read(reply);
 * assertEquals(new TextDecoder().decode(reply.subarray(0, length!)), "1 hello\n");
 * conn.close();
 * ```
 *
 * @param options Every one may be left out.
 * @returns the running server
 * @throws {TypeError} if an option is unknown or of the wrong type, or no such handler is built in
 * @throws {RangeError} if an option's value is out of its range
 * @throws {Error} if the handler cannot be loaded, or an address cannot be used
 * @throws the reason of `signal`, if it has aborted before the call
 * @throws whatever `onListen` throws, or `onEvent` when it is told that the server listens
 */
export function serve(options: ServeOptions = {}): Promise<Server> {
  return startServer(options);
}

/** What only hsha's own program may ask for. */
export interface Inside {
  /** Screens for the server, besides its page. */
  screens?: readonly OpenScreen[];
  /** Its number among several processes. */
  process?: number;
}

/**
 * Starts a server, as {@linkcode serve} does, with what only hsha's own program may ask for.
 *
 * @param options As for {@linkcode serve}.
 * @param inside The rest.
 */
export async function startServer(
  options: ServeOptions,
  { screens: others = [], process }: Inside = {},
): Promise<LineServer> {
  const given = resolveOptions(options);
  const { onEvent: listen = () => {}, signal } = given;
  let monitor: Monitor | undefined;
  const tell = guarded(listen);
  const onEvent: EventListener = (event) => {
    tell(event);
    monitor?.take(event);
  };
  signal?.throwIfAborted();
  const handler = handlerUrl(given.handler);
  const made = programWorkers(given, onEvent);
  const secure = await tlsBehindProxy(given);
  // On a shared port it listens later: the system would give it connections that it cannot serve yet.
  let listener = given.reusePort ? undefined : await Listener.open(given);
  const descriptors = new DescriptorReserve();
  const service = new Service(options, onEvent);
  const times = new LineTimes();
  let pool: Runners | undefined;
  try {
    const screens = [...others, ...telemetryScreens(process === undefined ? {} : { process })];
    monitor = await Monitor.start({ settings: given, times, screens, onEvent });
    if (monitor?.page !== undefined) onEvent({ type: "web_listening", url: monitor.page.url });
    const own = { handler, descriptors, ...made };
    pool = await startRunners({ settings: given, service, own, onEvent });
    listener ??= await Listener.open(given);
    const { settings } = service;
    if (!signal?.aborted) { // it may have aborted meanwhile
      if (!descriptors.leavesSome) {
        throw new Error(
          "cannot serve clients: the limit of open files leaves too few for them; see ulimit -n",
        );
      }
      const { addr } = listener;
      settings.onListen?.(addr);
      const { workers } = settings;
      const handler = String(settings.handler);
      const service = settings.nats === undefined ? {} : { service: settings.service };
      const event: ServerEvent = { type: "listening", addr, workers, handler, ...service };
      listen(event);
      monitor?.take(event);
    }
    const parts = { service, listener, pool, descriptors, secure, times, monitor };
    const server = new LineServer(parts);
    if (signal?.aborted) await server.shutdown();
    return server;
  } catch (error) {
    pool?.close();
    descriptors.close();
    listener?.close();
    await monitor?.end();
    throw error;
  }
}

/** A listener whose errors disturb nothing else: they are reported as uncaught. */
function guarded(listen: EventListener): EventListener {
  return (event) => {
    try {
      listen(event);
    } catch (error) {
      reportError(error);
    }
  };
}
