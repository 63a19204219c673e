/**
 * Peer: the client at the other end of a connection, as the log names it and the limits count it. All of it
 * comes from one address, so another address can stand in for that of the socket.
 */

/** The client of a connection. */
export interface Peer {
  readonly addr: Deno.Addr;
  /** For the log. */
  readonly name: string;
  /**
   * What `--max-per-address` counts; the client of a Unix socket has none. An IPv4 client has one address,
   * whether a listener or a proxy calls it 10.0.0.1 or ::ffff:10.0.0.1.
   */
  readonly address: string | undefined;
}

/** The peer that has this address. */
export function peerAt(addr: Deno.Addr): Peer {
  if (!("hostname" in addr)) return { addr, name: "a Unix socket's client", address: undefined };
  const { hostname, port } = addr;
  return { addr, name: `${hostname}:${port}`, address: hostname.replace(/^::ffff:(?=\d+\.)/, "") };
}
