/**
 * The connections of a server: admits them up to the limit, shares memory among them, and once in a
 * while closes those that are idle or do not read.
 */

import { ConnectionRecord } from "../observe/connection_record.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { closeQuietly } from "./listener.ts";

/** Options of a {@linkcode ConnectionSet}. */
export interface ConnectionSetOptions extends Omit<ConnectionOptions, "share"> {
  /** Most connections at once. */
  maxConnections: number;
  /** Jobs that may run at the same time. */
  parallel: number;
  /** Seconds until an idle connection is closed; 0: never. */
  idleTimeout: number;
  /** Seconds until a connection that does not read is closed; 0: never. */
  writeTimeout: number;
}

/** Bytes of unanswered lines and unwritten replies that all connections share, and the least of each. */
const ALL_SHARES = 8 * 1024 * 1024;
const MIN_SHARE = 16 * 1024;

/**
 * What a connection may have although it could have more, if that is enough to keep all workers busy with
 * its longest lines. More gains nothing, and costs others: beside 20 clients that send lines of 64 KiB, with
 * 512 KiB each, a polite one waited 105 ms (95th percentile) in place of 30, and memory was 1.4 times as much.
 */
const ENOUGH = 128 * 1024;

/** Milliseconds between two rounds at the most. */
const ROUND = 1000;

/** Refused connections that may wait for their clients to read why; more are told, and closed at once. */
const MAX_WAITING = 100;

const encoder = new TextEncoder();

/** All connections being served. */
export class ConnectionSet {
  readonly #options: ConnectionSetOptions;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #shared: ConnectionOptions;
  readonly #refusals = new Map<Deno.Conn, Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #refused = 0;
  /** When the last round was, by `performance.now()`. */
  #roundAt = 0;
  #ending = false;

  constructor(options: ConnectionSetOptions) {
    this.#options = options;
    this.#shared = { ...options, share: () => this.#share };
  }

  /** How many are being served. */
  get size(): number {
    return this.#connections.size;
  }

  /** Serves a fresh connection, or refuses it. */
  add(conn: Deno.Conn, peer: string): void {
    const { maxConnections, counters } = this.#options;
    if (this.#ending) return closeQuietly(conn);
    if (this.size >= maxConnections) return this.#refuse(conn, peer);
    counters.connections++;
    const connection = new Connection(conn, peer, this.#shared);
    const served = connection.serve().then(() => {
      this.#connections.delete(connection);
      this.#rest();
    });
    this.#connections.set(connection, served);
    this.#timer ??= setInterval(() => this.#round(), this.#interval);
  }

  /** Takes no further line from any; resolves when every one is answered and closed. */
  async end(): Promise<void> {
    this.#ending = true;
    for (const connection of this.#connections.keys()) connection.end("stop");
    await Promise.all([...this.#connections.values(), ...this.#refusals.values()]);
    this.#rest();
  }

  /** Closes all at once. */
  abort(reason: string): void {
    for (const connection of [...this.#connections.keys()]) connection.abort(reason);
    for (const conn of this.#refusals.keys()) closeQuietly(conn);
  }

  get #share(): number {
    const { parallel, maxLine } = this.#options;
    const most = Math.max(ENOUGH, parallel * maxLine);
    return Math.max(MIN_SHARE, Math.min(most, ALL_SHARES / this.size));
  }

  get #interval(): number {
    const { idleTimeout, writeTimeout } = this.#options;
    const timeouts = [idleTimeout, writeTimeout].filter((seconds) => seconds > 0);
    return Math.max(10, Math.min(ROUND, ...timeouts.map((seconds) => seconds * 1000 / 4)));
  }

  #round(): void {
    const { idleTimeout, writeTimeout } = this.#options;
    const late = performance.now() - this.#roundAt > 2 * this.#interval;
    this.#roundAt = performance.now();
    if (late) return; // the reactor stood still: what has moved meanwhile it has not seen yet
    for (const connection of [...this.#connections.keys()]) {
      connection.reportFailures();
      if (writeTimeout > 0 && connection.unreadFor > writeTimeout * 1000) {
        connection.timeOut("write timeout", writeTimeout);
      } else if (idleTimeout > 0 && connection.idleFor > idleTimeout * 1000) {
        connection.timeOut("idle timeout", idleTimeout);
      }
    }
    this.#reportRefusals();
  }

  #refuse(conn: Deno.Conn, peer: string): void {
    const record = new ConnectionRecord(peer, this.#options.onEvent);
    record.ends("refused");
    this.#options.counters.refused++;
    this.#refused++;
    this.#timer ??= setInterval(() => this.#round(), this.#interval);
    const { maxConnections, terminator } = this.#options;
    const reply = encoder.encode(
      `ERR too many connections: the limit of ${maxConnections} is reached${terminator}`,
    );
    const wait = this.#refusals.size < MAX_WAITING;
    const refusal = tell(conn, reply, wait).then((sent) => {
      record.closed(0, sent);
      this.#refusals.delete(conn);
      this.#rest();
    });
    this.#refusals.set(conn, refusal);
  }

  #reportRefusals(): void {
    if (this.#refused === 0) return;
    const { onEvent, maxConnections } = this.#options;
    onEvent({ type: "connection_refused", limit: maxConnections, times: this.#refused });
    this.#refused = 0;
  }

  /** The last one has gone: nothing is left to look after. */
  #rest(): void {
    if (this.size > 0 || this.#refusals.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#reportRefusals();
  }
}

/**
 * Tells a client one line, gives it, if `wait`, a moment to read and go, and closes. Never rejects.
 *
 * @returns how many bytes were sent
 */
async function tell(conn: Deno.Conn, reply: Uint8Array, wait: boolean): Promise<number> {
  let sent = 0;
  const timer = setTimeout(() => closeQuietly(conn), ROUND);
  try {
    sent = await conn.write(reply);
    await conn.closeWrite();
    const ignored = new Uint8Array(4096);
    while (wait && await conn.read(ignored) !== null);
  } catch {
    // the client was faster, or the moment is over
  } finally {
    clearTimeout(timer);
    closeQuietly(conn);
  }
  return sent;
}
