/** Test tool: the connections of a server that has no worker, and clients that are played by the test. */

import { ConnectionSet, type ConnectionSetOptions } from "../../lib/half_async/connection_set.ts";
import { newCounters } from "../../lib/observe/counters.ts";
import { JobQueue } from "../../lib/queueing/job_queue.ts";
import { CAPACITY } from "./flows.ts";

/** A set of connections, without limits but those that are given. */
export function connectionSet(options: Partial<ConnectionSetOptions>): ConnectionSet {
  return new ConnectionSet({
    parallel: 1,
    maxConnections: 1000,
    maxPerAddress: 0,
    idleTimeout: 0,
    writeTimeout: 0,
    maxLine: 10,
    order: "request",
    overload: "pause",
    replies: "all",
    proxyProtocol: false,
    telnet: false,
    terminator: "\n",
    lane: () => undefined,
    greets: () => false,
    queue: new JobQueue({ limit: 1, serial: false, capacity: CAPACITY }),
    counters: newCounters(),
    onEvent() {},
    ...options,
  });
}

/** A connection on which nothing ever ends, not even when it is closed; `deeds` stand in for its methods. */
export class StalledConn {
  closed = false;
  readonly remoteAddr: Deno.NetAddr;

  constructor(deeds: Partial<Deno.TlsConn> = {}, hostname = "127.0.0.1") {
    this.remoteAddr = { transport: "tcp", hostname, port: 1 };
    Object.assign(this, deeds);
  }

  /** It as what it plays. */
  get conn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }

  read(_: Uint8Array): Promise<number | null> {
    return new Promise(() => {});
  }

  write(_: Uint8Array): Promise<number> {
    return new Promise(() => {});
  }

  closeWrite(): Promise<void> {
    return new Promise(() => {});
  }

  close(): void {
    this.closed = true;
  }
}
