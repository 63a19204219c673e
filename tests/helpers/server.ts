/** Test tool: a server in this process, on a free port, that remembers its events. */

import { serve, type ServeOptions, type Server, type ServerEvent } from "../../lib/mod.ts";
import { until } from "../../scripts/tools/deadline.ts";
import { inlineHandler } from "./handler_files.ts";
import { LineClient } from "../../scripts/tools/line_client.ts";

/** A running server and what it has told. */
export class TestServer implements AsyncDisposable {
  readonly server: Server;
  /** Every event so far. */
  readonly events: ServerEvent[];

  constructor(server: Server, events: ServerEvent[]) {
    this.server = server;
    this.events = events;
  }

  /** Where it listens. */
  get addr(): Deno.Addr {
    return this.server.addr;
  }

  /** A new client. */
  connect(): Promise<LineClient> {
    return LineClient.connect(this.addr);
  }

  /** The events of one type. */
  eventsOf<T extends ServerEvent["type"]>(type: T): Extract<ServerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ServerEvent, { type: T }> =>
      event.type === type
    );
  }

  /** The first event of one type, waiting for it. */
  async event<T extends ServerEvent["type"]>(type: T): Promise<Extract<ServerEvent, { type: T }>> {
    await until(() => this.eventsOf(type).length > 0, `the event ${type}`);
    return this.eventsOf(type)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown();
  }
}

/** Options of {@linkcode startServer}: a handler may be given as the source of its module. */
export interface TestServerOptions extends ServeOptions {
  /** Source of a JavaScript module; stands in for `handler`. */
  source?: string;
}

/**
 * Limits of time that no test is about, out of the way: where a machine or a process is paused for a
 * while, all of them are over at once.
 */
const NO_HURRY: ServeOptions = {
  bootTimeout: 10_000,
  idleTimeout: 0,
  jobTimeout: 0,
  writeTimeout: 0,
  drainTimeout: 600,
};

/** Starts a server with two workers on a free port of the loopback device. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { source, onEvent, ...rest } = options;
  const events: ServerEvent[] = [];
  const place = rest.unix === undefined ? { port: 0 } : {};
  const server = await serve({
    ...NO_HURRY,
    ...place,
    workers: 2,
    ...(source === undefined ? {} : { handler: inlineHandler(source) }),
    ...rest,
    onEvent(event) {
      events.push(event);
      onEvent?.(event);
    },
  });
  return new TestServer(server, events);
}
