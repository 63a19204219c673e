/**
 * Wrapper Facade of the listening socket: TCP, TLS or Unix behind one face. The passive-mode transport
 * endpoint of Acceptor-Connector.
 */

import type { TlsOptions } from "../options.ts";
import { reason } from "../reason.ts";
import { type Peer, peerAt } from "./peer.ts";

/** Where to listen. */
export interface ListenOptions {
  host: string;
  port: number;
  unix?: string;
  tls?: TlsOptions;
  /** Whether a PROXY header comes first, before TLS. */
  proxyProtocol?: boolean;
}

/** Milliseconds a TLS client has for its handshake. */
const HANDSHAKE_DEADLINE = 5000;

/** A listening socket. */
export class Listener {
  readonly addr: Deno.Addr;
  readonly #socket: Deno.Listener;
  readonly #unix: string | undefined;

  private constructor(socket: Deno.Listener, unix?: string) {
    this.#socket = socket;
    this.#unix = unix;
    this.addr = socket.addr;
  }

  /** Listens. @throws {Error} in one sentence, when the address cannot be had */
  static async open(options: ListenOptions): Promise<Listener> {
    const { host: hostname, port, unix, tls, proxyProtocol } = options;
    const where = unix === undefined ? `${hostname}:${port}` : unix;
    try {
      if (unix !== undefined) {
        await removeStale(unix);
        return new Listener(Deno.listen({ transport: "unix", path: unix }), unix);
      }
      if (tls === undefined) return new Listener(Deno.listen({ hostname, port }));
      if (!proxyProtocol) return new Listener(Deno.listenTls({ ...tls, hostname, port }));
      // TLS comes later; but only a listener of Deno's says what is wrong with a certificate.
      Deno.listenTls({ ...tls, hostname, port: 0 }).close();
      return new Listener(Deno.listen({ hostname, port }));
    } catch (error) {
      const inUse = error instanceof Deno.errors.AddrInUse;
      const why = inUse ? "the address is in use" : reason(error);
      throw new Error(`cannot listen on ${where}: ${why}`, { cause: error });
    }
  }

  /** Waits for the next connection. */
  accept(): Promise<Deno.Conn> {
    return this.#socket.accept();
  }

  /** Listens no more. */
  close(): void {
    this.#socket.close();
    if (this.#unix === undefined) return;
    try {
      Deno.removeSync(this.#unix);
    } catch {
      // gone already
    }
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
 * Makes a fresh connection's small writes leave at once, and says whose it is.
 *
 * @throws {Error} if the peer is gone already
 */
export function identify(conn: Deno.Conn): Peer {
  if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
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

/**
 * Does TLS's handshake, where the connection is to have one. Closes a connection that is late.
 *
 * @throws {Error} if it fails, or takes longer than 5 s
 */
export async function handshake(conn: Deno.Conn): Promise<void> {
  if (!("handshake" in conn)) return;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    closeQuietly(conn);
  }, HANDSHAKE_DEADLINE);
  try {
    await (conn as Deno.TlsConn).handshake();
  } catch (error) {
    if (late) throw new Error(`no TLS handshake within ${HANDSHAKE_DEADLINE / 1000} seconds`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Removes the socket file of a server that is dead. */
async function removeStale(path: string): Promise<void> {
  try {
    if (!(await Deno.lstat(path)).isSocket) return; // not ours to remove: listening will fail
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) await Deno.remove(path);
  }
}
