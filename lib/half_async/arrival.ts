/**
 * Arrival: a fresh connection on its way to its service, and the stages on that way: the PROXY header, TLS's
 * handshake, Telnet. Each stage puts itself in front of the connection and looks like one, so nothing behind
 * it knows that it is there.
 */

import { inTime, noHandshake } from "./deadline.ts";
import type { FreshTransport } from "./entrance.ts";
import { identify } from "./listener.ts";
import { type Peer, peerAt } from "./peer.ts";
import { takeProxyHeader } from "./proxy_transport.ts";
import { TelnetTransport } from "./telnet_transport.ts";
import type { Transport } from "./transport.ts";

/** Which stages there are. */
export interface ArrivalOptions {
  /** Whether a PROXY header comes first. */
  proxyProtocol: boolean;
  /** Does TLS's handshake behind the PROXY header. A connection of `Deno.listenTls` does its own. */
  secure?: (conn: Transport) => Promise<Transport>;
  /** Whether the client mixes Telnet's commands with its lines. */
  telnet: boolean;
  /** Whether anything may be written. */
  replies: "all" | "none";
}

/** A fresh connection. */
export class Arrival {
  readonly #conn: FreshTransport;
  readonly #options: ArrivalOptions;
  #peer: Peer;
  #introduced: Promise<Transport> | undefined;

  /** @throws {Error} if the peer is gone already */
  constructor(conn: FreshTransport, options: ArrivalOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#peer = identify(conn);
  }

  /** The other end: the proxy, until it has said which client it forwards. */
  get peer(): Peer {
    return this.#peer;
  }

  /** Whether the connection begins with a TLS handshake. */
  get secure(): boolean {
    return this.#conn.handshake !== undefined || this.#options.secure !== undefined;
  }

  /**
   * Learns from the proxy, if there is one, whose connection it is.
   *
   * @throws {ProxyHeaderError} if the proxy does not say so within 5 s
   */
  async introduce(): Promise<Transport> {
    if (!this.#options.proxyProtocol) return this.#conn;
    this.#introduced ??= takeProxyHeader(this.#conn);
    const conn = await this.#introduced;
    this.#peer = peerAt(conn.remoteAddr);
    return conn;
  }

  /**
   * Passes all stages.
   *
   * @returns what carries the lines of the client
   * @throws {Error} if the introduction or the handshake fails, or takes longer than 5 s
   */
  async enter(): Promise<Transport> {
    const { secure, telnet, replies } = this.#options;
    let conn = await this.introduce();
    const shaken = this.#conn.handshake?.();
    if (shaken !== undefined) await inTime(shaken, { conn: this.#conn, error: noHandshake() });
    if (secure !== undefined) conn = await secure(conn);
    return telnet ? new TelnetTransport(conn, { answers: replies === "all" }) : conn;
  }

  /** Closes the connection. @throws {Error} if it is closed already */
  close(): void {
    this.#conn.close();
  }
}
