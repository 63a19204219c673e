/**
 * Refusals: connections over a limit. Each client is told why in one line, some get a moment to read it, and
 * all of them together are one event a second.
 */

import { ConnectionRecord } from "../observe/connection_record.ts";
import type { Counters, EventListener } from "../observe/events.ts";
import type { Arrival } from "./arrival.ts";
import { closeQuietly } from "./listener.ts";
import type { PlaceLimit, PlacesOptions } from "./places.ts";

/** Options of {@linkcode Refusals}. */
export interface RefusalsOptions extends PlacesOptions {
  /** Whether clients are told anything. */
  replies: "all" | "none";
  terminator: string;
  counters: Counters;
  onEvent: EventListener;
}

/**
 * Clients that may have a moment, to read why and for TLS's handshake; others are closed at once. Each holds
 * a descriptor meanwhile.
 */
const MAX_WAITING = 100;

/** That moment, in milliseconds. */
const MOMENT = 1000;

const encoder = new TextEncoder();

/** Refused connections of one limit that have not been reported. */
interface Unreported {
  times: number;
  peer: string;
}

/** All connections that are being refused. */
export class Refusals {
  readonly #options: RefusalsOptions;
  /** Clients that have a moment, each with what ends it. */
  readonly #waiting = new Map<Promise<number>, () => void>();
  readonly #unreported = new Map<PlaceLimit, Unreported>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** Tells the client which limit is reached, and closes. Resolves when that is done; never rejects. */
  async add(arrival: Arrival, limit: PlaceLimit): Promise<void> {
    const { counters, replies, onEvent } = this.#options;
    const record = new ConnectionRecord(arrival.peer.name, onEvent);
    record.ends("refused");
    counters.refused++;
    const { times } = this.#unreported.get(limit) ?? { times: 0 };
    this.#unreported.set(limit, { times: times + 1, peer: arrival.peer.name });
    const patient = this.#waiting.size < MAX_WAITING;
    if (replies === "none" || (!patient && arrival.secure)) {
      closeQuietly(arrival);
      return record.closed(0, 0);
    }
    const over = Promise.withResolvers<number>(); // a write need not end when its connection is closed
    const told = Promise.race([tell(arrival, this.#reply(limit), patient), over.promise]);
    const timer = setTimeout(() => over.resolve(0), MOMENT);
    this.#waiting.set(told, () => over.resolve(0));
    const sent = await told;
    clearTimeout(timer);
    closeQuietly(arrival);
    this.#waiting.delete(told);
    record.closed(0, sent);
  }

  /** Resolves when no client has a moment left. */
  async end(): Promise<void> {
    await Promise.all(this.#waiting.keys());
  }

  /** Closes all at once. */
  abort(): void {
    for (const end of this.#waiting.values()) end();
  }

  /** Reports the refusals since the last report, as one event for each limit. */
  report(): void {
    for (const [option, { times, peer }] of this.#unreported) {
      const limit = this.#options[option];
      this.#options.onEvent({ type: "connection_refused", option, limit, times, peer });
    }
    this.#unreported.clear();
  }

  #reply(limit: PlaceLimit): Uint8Array {
    const whose = limit === "maxPerAddress" ? " of your address" : "";
    const sentence = `too many connections${whose}: the limit of ${
      this.#options[limit]
    } is reached`;
    return encoder.encode(`ERR ${sentence}${this.#options.terminator}`);
  }
}

/**
 * Tells a client one line and, if `patient`, waits until it has gone. Never rejects.
 *
 * @returns how many bytes were sent
 */
async function tell(arrival: Arrival, reply: Uint8Array, patient: boolean): Promise<number> {
  let sent = 0;
  try {
    const conn = await arrival.enter();
    sent = await conn.write(reply);
    await conn.closeWrite();
    const ignored = new Uint8Array(4096);
    while (patient && await conn.read(ignored) !== null);
  } catch {
    // the client was faster, or the moment is over
  }
  return sent;
}
