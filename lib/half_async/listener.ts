/**
 * Wrapper Facade of the listening socket: TCP, TLS and Unix look alike. It is the passive-mode transport
 * endpoint of Acceptor-Connector.
 */

import type { TlsOptions } from "../options.ts";
import { reason } from "../reason.ts";
import type { Entrance, FreshTransport } from "./entrance.ts";
import { type Peer, peerAt } from "./peer.ts";
import { UnixSocket } from "./unix_socket.ts";

/** Where to listen. */
export interface ListenOptions {
  host: string;
  port: number;
  unix?: string;
  /** Mode of a Unix socket. @default {by umask} */
  socketMode?: number;
  tls?: TlsOptions;
  /** Whether a PROXY header comes first, before TLS. */
  proxyProtocol?: boolean;
  /** Whether other processes listen on the same port. */
  reusePort?: boolean;
}

/**
 * Turns of the event loop: so many without a new connection show that none waits; and the most to look at.
 * With fewer, connections that wait are reset at a stop.
 */
const QUIET_TURNS = 3;
const MOST_TURNS = 200;

/** A listening socket. */
export class Listener implements Entrance {
  readonly addr: Deno.Addr;
  /** Whether other processes listen on the same port. */
  readonly #shared: boolean;
  readonly #socket: Deno.Listener;
  readonly #owner: { readonly addr: Deno.Addr; close(): void };
  #accepted = 0;
  /** Whether somebody waits for a connection; the acceptor may wait for its turn instead. */
  #accepting = false;

  private constructor(
    socket: Deno.Listener,
    { unix, shared = false }: { unix?: UnixSocket; shared?: boolean },
  ) {
    this.#socket = socket;
    this.#owner = unix ?? socket;
    this.addr = this.#owner.addr;
    this.#shared = shared;
  }

  /** Listens. @throws {Error} in one sentence, if it cannot use the address */
  static async open(options: ListenOptions): Promise<Listener> {
    const { host: hostname, port, unix, socketMode, tls, proxyProtocol } = options;
    const { reusePort: shared = false } = options;
    // Without Deno's flag for it, the option must not even be there.
    const place = { hostname, port, ...shared && { reusePort: true } };
    const where = unix === undefined ? `${hostname}:${port}` : unix;
    try {
      if (unix !== undefined) {
        const socket = await UnixSocket.listen(unix, socketMode);
        return new Listener(socket.listener, { unix: socket });
      }
      if (tls !== undefined && !proxyProtocol) {
        return new Listener(Deno.listenTls({ ...tls, ...place }), { shared });
      }
      // TLS comes later, but only Deno's own TLS listener says what is wrong with a certificate.
      if (tls !== undefined) Deno.listenTls({ ...tls, hostname, port: 0 }).close();
      return new Listener(Deno.listen(place), { shared });
    } catch (error) {
      const inUse = error instanceof Deno.errors.AddrInUse;
      const why = inUse ? "the address is in use" : reason(error);
      throw new Error(`cannot listen on ${where}: ${why}`, { cause: error });
    }
  }

  /** Waits for the next connection. */
  async accept(): Promise<Deno.Conn> {
    this.#accepting = true;
    try {
      const conn = await this.#socket.accept();
      this.#accepted++;
      return conn;
    } finally {
      this.#accepting = false;
    }
  }

  /**
   * Waits, while connections are being accepted, until none is left to accept, if other processes listen on
   * the same port: those that wait would be reset when this listener is closed.
   */
  async emptied(): Promise<void> {
    if (!this.#shared) return;
    for (let quiet = 0, turns = 0; quiet < QUIET_TURNS && turns < MOST_TURNS; turns++) {
      const before = this.#accepted;
      await new Promise((resolve) => setTimeout(resolve, 0));
      quiet = this.#accepting && this.#accepted === before ? quiet + 1 : 0;
    }
  }

  /** Listens no more. */
  close(): void {
    this.#owner.close();
  }

  /** Lets the listener keep the process alive. */
  ref(): void {
    this.#socket.ref();
  }

  /** Lets the process end while it listens. */
  unref(): void {
    this.#socket.unref();
  }
}

/**
 * Makes a fresh connection's small writes leave at once. @returns whose connection it is
 *
 * @throws {Error} if the peer is gone already
 */
export function identify(conn: FreshTransport): Peer {
  conn.setNoDelay?.(true);
  return peerAt(conn.remoteAddr);
}

/** Closes a connection, whether it is closed already or not. */
export function closeQuietly(conn: { close(): void }): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}
