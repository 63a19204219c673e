/**
 * Where a client connects to, and what it gets there, whatever the transport.
 */

/** A place to connect to. */
export interface Endpoint {
  /** As messages name it. */
  readonly name: string;
  readonly address: Deno.ConnectOptions | Deno.UnixConnectOptions;
  /** Certificates to trust, as PEM texts, where TLS is spoken. */
  readonly caCerts?: readonly string[];
}

/** A connection of any transport, as far as clients use it. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close" | "closeWrite">;

/** Where options lead to; a Unix socket excludes the others. */
export interface Target {
  host: string;
  port: number;
  unix?: string;
  tls?: boolean;
  /** A certificate to trust, as PEM text; speaks TLS. */
  caCert?: string;
}

/** The place that options name. */
export function toEndpoint({ host, port, unix, tls, caCert }: Target): Endpoint {
  if (unix !== undefined) return { name: unix, address: { transport: "unix", path: unix } };
  const caCerts = caCert !== undefined ? [caCert] : tls ? [] : undefined;
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { name, address: { hostname: host, port }, caCerts };
}
