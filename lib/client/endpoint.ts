/** Where a client connects to, and the connection that it gets there, whatever the transport. */

/** A place to connect to. */
export interface Endpoint {
  /** Its name in messages. */
  readonly name: string;
  readonly address: Deno.ConnectOptions | Deno.UnixConnectOptions;
  /** With TLS: certificates to trust as well as the system's, as PEM texts; without TLS, absent. */
  readonly caCerts?: readonly string[];
}

/** A connection of any transport: what a client uses of it. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close" | "closeWrite">;

/** The options that name a place. With `unix`, the others do not count. */
export interface Target {
  host: string;
  port: number;
  unix?: string;
  tls?: boolean;
  /** A certificate to trust, as PEM text; implies TLS. */
  caCert?: string;
}

/** The place that the options name. */
export function toEndpoint({ host, port, unix, tls, caCert }: Target): Endpoint {
  if (unix !== undefined) return { name: unix, address: { transport: "unix", path: unix } };
  const caCerts = caCert !== undefined ? [caCert] : tls ? [] : undefined;
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { name, address: { hostname: host, port }, caCerts };
}
