/**
 * Peer: the client at the other end of a connection, as the log names it and the limits count it. Whoever
 * learns a better address than the socket's, a proxy's header say, makes another one of it.
 */

/** The client of a connection. */
export interface Peer {
  readonly addr: Deno.Addr;
  /** For the log. */
  readonly name: string;
  /** What `--max-per-address` counts; the client of a Unix socket has none. */
  readonly address: string | undefined;
}

/** The peer that has this address. */
export function peerAt(addr: Deno.Addr): Peer {
  if (!("hostname" in addr)) return { addr, name: "a Unix socket's client", address: undefined };
  const { hostname, port } = addr;
  return { addr, name: `${hostname}:${port}`, address: hostname };
}
