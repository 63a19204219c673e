/**
 * Wrapper Facade of the listening socket: TCP, TLS or Unix behind one face. The passive-mode transport
 * endpoint of Acceptor-Connector.
 */

import type { TlsOptions } from "../options.ts";
import { reason } from "../reason.ts";
import { UnixSocket } from "./unix_socket.ts";

/** Where to listen. */
export interface ListenOptions {
  host: string;
  port: number;
  unix?: string;
  /** Mode of a Unix socket. @default {by umask} */
  socketMode?: number;
  tls?: TlsOptions;
}

/** Milliseconds a TLS client has for its handshake. */
const HANDSHAKE_DEADLINE = 5000;

/** A listening socket. */
export class Listener {
  readonly addr: Deno.Addr;
  readonly #socket: Deno.Listener;
  readonly #owner: { readonly addr: Deno.Addr; close(): void };

  private constructor(socket: Deno.Listener, owner: UnixSocket | Deno.Listener = socket) {
    this.#socket = socket;
    this.#owner = owner;
    this.addr = owner.addr;
  }

  /** Listens. @throws {Error} in one sentence, when the address cannot be had */
  static async open(options: ListenOptions): Promise<Listener> {
    const { host: hostname, port, unix, socketMode, tls } = options;
    const where = unix === undefined ? `${hostname}:${port}` : unix;
    try {
      if (unix !== undefined) {
        const socket = await UnixSocket.listen(unix, socketMode);
        return new Listener(socket.listener, socket);
      }
      return new Listener(
        tls === undefined
          ? Deno.listen({ hostname, port })
          : Deno.listenTls({ ...tls, hostname, port }),
      );
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
 * Makes a fresh connection ready to be served: no delay of small writes, and TLS's handshake done.
 *
 * @returns the peer's name, for the log
 * @throws {Error} if the peer is gone already, or its handshake fails or takes longer than 5 s
 */
export async function prepare(conn: Deno.Conn): Promise<string> {
  if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  if ("handshake" in conn) await handshake(conn as Deno.TlsConn);
  const peer = conn.remoteAddr;
  return "hostname" in peer ? `${peer.hostname}:${peer.port}` : "a Unix socket's client";
}

/** Closes a connection, whether it is closed already or not. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}

async function handshake(conn: Deno.TlsConn): Promise<void> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    conn.close();
  }, HANDSHAKE_DEADLINE);
  try {
    await conn.handshake();
  } catch (error) {
    if (late) throw new Error(`no TLS handshake within ${HANDSHAKE_DEADLINE / 1000} seconds`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
