/**
 * TLS behind a PROXY header, as an option of the server: whether this Deno can do it, and what does it.
 */

import type { TlsOptions } from "../options.ts";
import type { Transport } from "./transport.ts";

/** Does the handshake on a connection whose PROXY header is off. */
export type Secure = (conn: Transport) => Promise<Transport>;

/** The first Deno seen to do it: 2.9.0 never tells of a connection's end, 2.8.3 sends nothing. */
const FIRST = "2.9.6";

/** The options that ask for it. */
export interface TlsBehindProxyOptions {
  tls?: TlsOptions;
  proxyProtocol: boolean;
}

/**
 * What shakes hands behind a PROXY header; nothing without such a header or without TLS.
 *
 * @throws {Error} in one sentence, if this Deno cannot do it
 */
export async function tlsBehindProxy(
  { tls, proxyProtocol }: TlsBehindProxyOptions,
  version: string = Deno.version.deno,
): Promise<Secure | undefined> {
  if (tls === undefined || !proxyProtocol) return undefined;
  if (isBefore(version, FIRST)) {
    throw new Error(
      `TLS behind a PROXY header needs Deno ${FIRST} or later, this is Deno ${version}`,
    );
  }
  const { takeTls, tlsContext } = await import("./tls_transport.ts"); // it is large, and rarely needed
  const context = tlsContext(tls);
  return (conn) => takeTls(conn, context);
}

function isBefore(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split(".").map((part) => parseInt(part)));
  const at = one.findIndex((part, index) => part !== two[index]);
  return at >= 0 && one[at] < two[at];
}
