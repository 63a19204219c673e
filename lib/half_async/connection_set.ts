/**
 * The connections of a server: makes fresh ones ready, serves those that get a place, shares memory among
 * them, and closes those that are idle or do not read.
 */

import { Arrival, type ArrivalOptions } from "./arrival.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { FreshTransport } from "./entrance.ts";
import { closeQuietly } from "./listener.ts";
import type { Peer } from "./peer.ts";
import { type PlaceLimit, Places, type PlacesOptions } from "./places.ts";
import { ProxyHeaderError } from "./proxy_header.ts";
import { Refusals } from "./refusals.ts";
import { Traffic } from "./traffic.ts";
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

/**
 * Bytes of unanswered lines and unwritten replies: what all connections share, and the least of each. The
 * first bounds memory; if the second were too small, a connection would pause after every few lines.
 */
const ALL_SHARES = 8 * 1024 * 1024;
const MIN_SHARE = 16 * 1024;

/**
 * Largest share of a connection, in bytes, unless its longest lines need more to keep all workers busy. More
 * gains nothing and costs others: with 512 KiB each, a polite client beside 20 senders of long lines waited
 * 105 ms in place of 30 (95th percentile), and memory was 1.4 times as much.
 */
const ENOUGH = 128 * 1024;

/** Milliseconds: most between two rounds, least between two reports. */
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
  /** Bytes of the connections that are gone. */
  readonly #past = { received: 0, sent: 0 };
  /** What clients sent after their end, since the last report. */
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

  /** What all connections carry, with the bytes of those that are gone. */
  traffic(): Traffic {
    const sums = Object.assign(new Traffic(), this.#past);
    for (const connection of this.#connections.keys()) connection.addTo(sums);
    return sums;
  }

  /**
   * Takes over a fresh connection; resolves when it is being served, or refused.
   *
   * @throws {Error} if its client is gone already, its handshake fails or takes longer than 5 s, or the
   * server stops meanwhile
   */
  async add(conn: FreshTransport): Promise<void> {
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
      const { name: peer } = arrival.peer;
      this.#options.onEvent({ type: "proxy_header_refused", peer, reason: error.message });
    } finally {
      this.#fresh.delete(arrival);
    }
  }

  /** Takes no further line; resolves when all lines are answered and all connections closed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#places.end();
    for (const arrival of this.#fresh) closeQuietly(arrival);
    for (const connection of this.#connections.keys()) connection.end("stop");
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

  /** Behind a proxy, a connection has a place before its client's address is known. */
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
      const last = new Traffic();
      connection.addTo(last);
      this.#past.received += last.received;
      this.#past.sent += last.sent;
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
    if (late) return; // the reactor stood still, and has not seen yet what moved meanwhile
    for (const connection of [...this.#connections.keys()]) {
      connection.reportFailures();
      if (writeTimeout > 0 && connection.unreadFor > writeTimeout * 1000) {
        connection.timeOut("write timeout", writeTimeout);
      } else if (idleTimeout > 0 && connection.idleFor > idleTimeout * 1000) {
        connection.timeOut("idle timeout", idleTimeout);
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
