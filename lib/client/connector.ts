/**
 * Connector of Acceptor-Connector: makes a connection to a server, over TCP, TLS or a Unix socket, for the
 * service handler that will use it.
 */

import { reason } from "../reason.ts";
import type { Endpoint, Wire } from "./endpoint.ts";
import { ConnectError, TimeoutError } from "./errors.ts";

/** Part of Deno's message if the server's certificate is that of a certificate authority. */
const CA_ONLY = "CaUsedAsEndEntity";

/** What to do then: `openssl req -x509` makes such certificates by default. */
const NOT_CA = "its certificate is marked as a certificate authority's, not a server's; " +
  "make it with basicConstraints=CA:FALSE";

/** What ends an attempt to connect. */
export interface Patience {
  /** Gives it up when it aborts. */
  signal?: AbortSignal;
  /** Seconds that it may take. @default {0} for ever */
  timeout?: number;
}

/**
 * Connects, and with TLS does the handshake.
 *
 * @param endpoint Where to connect to.
 * @param patience How long that may take.
 * @throws {ConnectError} Nobody listens there, or the certificate is not trusted.
 * @throws {TimeoutError} It takes too long.
 * @throws the reason of `signal`, when it has aborted
 */
export async function connectTo(
  endpoint: Endpoint,
  { signal, timeout = 0 }: Patience = {},
): Promise<Wire> {
  signal?.throwIfAborted();
  const { name } = endpoint;
  let latest: Wire | undefined;
  let givenUp: { reason: unknown } | undefined;
  const { promise: end, reject } = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    givenUp = { reason };
    closeQuietly(latest); // ends a handshake under way
    reject(reason);
  };
  const onAbort = () => giveUp(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  const timer = timeout > 0 &&
    setTimeout(
      () => giveUp(new TimeoutError(`cannot connect to ${name} within ${timeout} s`)),
      timeout * 1000,
    );
  const keep = <W extends Wire>(wire: W): W => {
    latest = wire;
    if (givenUp) closeQuietly(wire); // too late: nobody waits for it
    return wire;
  };
  try {
    return await Promise.race([open(endpoint, keep), end]);
  } catch (error) {
    if (givenUp) throw givenUp.reason;
    closeQuietly(latest);
    const why = reason(error);
    const text = why.includes(CA_ONLY) ? NOT_CA : why;
    throw new ConnectError(`cannot connect to ${name}: ${text}`, { cause: error });
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (timer) clearTimeout(timer);
  }
}

/** Opens a connection. `keep` gets each object that stands for it; the last one is what has to be closed. */
async function open(
  endpoint: Endpoint,
  keep: <W extends Wire>(wire: W) => W,
): Promise<Wire> {
  if (!("Deno" in globalThis)) {
    const { openInNode } = await import("./node_wire.ts");
    return await openInNode(endpoint, keep);
  }
  const { address, caCerts } = endpoint;
  if (address.transport === "unix") return keep(await Deno.connect(address));
  const conn = keep(await connectTcp(address));
  conn.setNoDelay(true);
  if (caCerts === undefined) return conn;
  const { hostname } = address;
  const tls = keep(await Deno.startTls(conn, { hostname, caCerts: [...caCerts] }));
  await tls.handshake();
  return tls;
}

/** Connects over TCP. For `localhost` it tries both loopback addresses: a server may listen on ::1 alone. */
async function connectTcp(address: Deno.ConnectOptions): Promise<Deno.TcpConn> {
  if (address.hostname !== "localhost") return await Deno.connect(address);
  try {
    return await Deno.connect({ ...address, hostname: "127.0.0.1" });
  } catch (error) {
    return await Deno.connect({ ...address, hostname: "::1" }).catch(() => Promise.reject(error));
  }
}

/** Closes a connection, whether it is closed already or not. */
function closeQuietly(wire?: Wire): void {
  try {
    wire?.close();
  } catch {
    // closed already
  }
}
