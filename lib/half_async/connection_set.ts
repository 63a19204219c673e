/**
 * The connections of a server: makes fresh ones ready and serves those that find a place, shares memory
 * among them, and once in a while closes those that are idle or do not read.
 */

import { Arrival, type ArrivalOptions } from "./arrival.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { closeQuietly } from "./listener.ts";
import type { Peer } from "./peer.ts";
import { type PlaceLimit, Places, type PlacesOptions } from "./places.ts";
import { ProxyHeaderError } from "./proxy_header.ts";
import { Refusals } from "./refusals.ts";
import type { Transport } from "./transport.ts";

/** Options of a {@linkcode ConnectionSet}. */
export interface ConnectionSetOptions
  extends Omit<ConnectionOptions, "share">, PlacesOptions, ArrivalOptions {
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

/** Milliseconds between two rounds at the most, and between two reports at the least. */
const ROUND = 1000;

/** All connections being served. */
export class ConnectionSet {
  readonly #options: ConnectionSetOptions;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #shared: ConnectionOptions;
  readonly #places: Places;
  readonly #refusals: Refusals;
  /** Connections that wait for a place, or for the end of their handshake. */
  readonly #fresh = new Set<Arrival>();
  /** What clients sent in vain since it was last reported. */
  #discarded = { bytes: 0, connections: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the last round and the last report were, by `performance.now()`. */
  #roundAt = 0;
  #reportedAt = -Infinity;
  #ending = false;

  constructor(options: ConnectionSetOptions) {
    this.#options = options;
    this.#places = new Places(options);
    this.#refusals = new Refusals(options);
    this.#shared = { ...options, share: () => this.#share };
  }

  /** How many are being served. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Takes over a fresh connection; resolves when it is being served, or refused.
   *
   * @throws {Error} if its client is gone already, its handshake fails or takes longer than 5 s, or the
   * server stops meanwhile
   */
  async add(conn: Deno.Conn): Promise<void> {
    const arrival = new Arrival(conn, this.#options);
    this.#fresh.add(arrival);
    try {
      const limit = await this.#takePlace(arrival);
      if (limit !== undefined) return this.#refuse(arrival, limit);
      try {
        this.#serve(await arrival.enter(), arrival.peer);
      } catch (error) {
        this.#places.leave(arrival.peer.address);
        throw error;
      }
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      closeQuietly(arrival);
      const [peer, reason] = [arrival.peer.name, error.message];
      this.#options.onEvent({ type: "proxy_header_refused", peer, reason, times: 1 });
    } finally {
      this.#fresh.delete(arrival);
    }
  }

  /** Takes no further line from any; resolves when every one is answered and closed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#places.end();
    for (const arrival of this.#fresh) closeQuietly(arrival);
    for (const connection of this.#connections.keys()) connection.end();
    await Promise.all([...this.#connections.values(), this.#refusals.end()]);
    this.#report();
    this.#rest();
  }

  /** Closes all at once. */
  abort(reason: string): void {
    for (const connection of [...this.#connections.keys()]) connection.abort(reason);
    this.#refusals.abort();
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

  /** Behind a proxy it has a place before anybody knows of which address it is. */
  async #takePlace(arrival: Arrival): Promise<PlaceLimit | undefined> {
    if (this.#options.proxyProtocol) {
      const limit = await this.#places.take(undefined);
      if (limit !== undefined) return limit;
      await arrival.introduce().finally(() => this.#places.leave(undefined));
    }
    return this.#places.take(arrival.peer.address);
  }

  #serve(conn: Transport, peer: Peer): void {
    if (this.#ending) throw new Error("the server stops");
    const { counters } = this.#options;
    counters.connections++;
    const connection = new Connection(conn, peer, this.#shared);
    const served = connection.serve().then(() => {
      this.#connections.delete(connection);
      this.#places.leave(peer.address);
      if (connection.discarded > 0) {
        counters.discarded += connection.discarded;
        this.#discarded.bytes += connection.discarded;
        this.#discarded.connections++;
      }
    });
    this.#connections.set(connection, served);
    this.#wake();
  }

  #refuse(arrival: Arrival, limit: PlaceLimit): void {
    if (this.#ending) return closeQuietly(arrival);
    void this.#refusals.add(arrival, limit);
    this.#wake();
  }

  #wake(): void {
    this.#timer ??= setInterval(() => this.#round(), this.#interval);
  }

  #round(): void {
    const { idleTimeout, writeTimeout } = this.#options;
    const now = performance.now();
    const late = now - this.#roundAt > 2 * this.#interval;
    this.#roundAt = now;
    if (late) return; // the reactor stood still: what has moved meanwhile it has not seen yet
    for (const connection of [...this.#connections.keys()]) {
      connection.reportFailures();
      if (writeTimeout > 0 && connection.unreadFor > writeTimeout * 1000) {
        connection.abort(`it read nothing for ${writeTimeout} seconds`);
      } else if (idleTimeout > 0 && connection.idleFor > idleTimeout * 1000) {
        connection.end();
      }
    }
    if (now - this.#reportedAt < ROUND) return;
    this.#reportedAt = now;
    this.#report();
    if (this.size === 0) this.#rest();
  }

  #report(): void {
    this.#refusals.report();
    if (this.#discarded.connections === 0) return;
    this.#options.onEvent({ type: "input_discarded", ...this.#discarded });
    this.#discarded = { bytes: 0, connections: 0 };
  }

  /** Nothing is left to look after. */
  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
