/**
 * Where a client connects to: the options and the operand `[HOST:]PORT` that `connect` and `bench`
 * share, and the connecting.
 */

import type { Given, OptionTable } from "../option_kinds.ts";
import { reason } from "../reason.ts";
import { Failure } from "./failure.ts";
import type { Operand } from "./flags.ts";
import { readPem } from "./pem.ts";

/** The options that say where to connect. */
export const ENDPOINT_TABLE = {
  host: {
    kind: "text",
    default: "127.0.0.1",
    metavar: "ADDRESS",
    help: "address to connect to",
    heading: "Where it connects to",
  },
  port: {
    kind: "integer",
    min: 1,
    max: 65535,
    default: 7007,
    metavar: "PORT",
    short: "p",
    help: "port to connect to",
  },
  unix: { kind: "text", metavar: "PATH", help: "connect to a Unix socket instead" },
  tls: { kind: "flag", help: "speak TLS" },
  caCert: {
    kind: "text",
    metavar: "FILE",
    help: "speak TLS, and trust this certificate (PEM) beside the system's",
  },
} as const satisfies OptionTable;

/** Pairs of those options that exclude each other. */
export const ENDPOINT_EXCLUDES = [
  ["unix", "host"],
  ["unix", "port"],
  ["unix", "tls"],
  ["unix", "caCert"],
] as const;

/** The operand `[HOST:]PORT`, which says what `--host` and `--port` say. */
export const ENDPOINT_OPERAND: Operand<"host" | "port"> = {
  form: "[HOST:]PORT, with brackets around an IPv6 address",
  read(text) {
    const [, ipv6, name, port] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?([^:[\]]+)$/.exec(text) ?? [];
    if (port === undefined) return undefined;
    const host = ipv6 ?? name;
    return host === undefined ? { port } : { host, port };
  },
};

/** A place to connect to. */
export interface Endpoint {
  /** As messages name it. */
  readonly name: string;
  readonly address: Deno.ConnectOptions | Deno.UnixConnectOptions;
  /** Certificates to trust, as PEM texts, where TLS is spoken. */
  readonly caCerts?: readonly string[];
}

/** How Deno says that a server shows the certificate of an authority. */
const CA_ONLY = "CaUsedAsEndEntity";

/** The same for whoever made it, as `openssl req -x509` does unasked. */
const NOT_CA = "its certificate is one of an authority, not of a server; " +
  "make it with basicConstraints=CA:FALSE";

/** A connection of any transport, as far as clients use it. */
export type Wire = Pick<Deno.Conn, "read" | "write" | "close" | "closeWrite">;

/**
 * The place that a command's options name.
 *
 * @throws {Failure} The certificate's file cannot be read.
 * @throws {UsageError} It holds no certificate.
 */
export function toEndpoint(given: Given<typeof ENDPOINT_TABLE>): Endpoint {
  const { host, port } = ENDPOINT_TABLE;
  const { unix, host: hostname = host.default, port: number = port.default, caCert } = given;
  if (unix !== undefined) return { name: unix, address: { transport: "unix", path: unix } };
  const caCerts = caCert !== undefined
    ? [readPem("--ca-cert", caCert, "a certificate")]
    : given.tls
    ? []
    : undefined;
  const name = hostname.includes(":") ? `[${hostname}]:${number}` : `${hostname}:${number}`;
  return { name, address: { hostname, port: number }, caCerts };
}

/**
 * Connects, and shakes hands where TLS is spoken.
 *
 * @throws {Failure} Nobody answers there, or the certificate is not trusted.
 */
export async function connectTo({ name, address, caCerts }: Endpoint): Promise<Wire> {
  try {
    if (address.transport === "unix") return await Deno.connect(address);
    const conn = await connectTcp(address);
    conn.setNoDelay(true);
    if (caCerts === undefined) return conn;
    const { hostname } = address;
    const tls = await Deno.startTls(conn, { hostname, caCerts: [...caCerts] });
    await tls.handshake();
    return tls;
  } catch (error) {
    const why = reason(error);
    throw new Failure(`cannot connect to ${name}: ${why.includes(CA_ONLY) ? NOT_CA : why}`);
  }
}

/** Tries both loopback addresses for `localhost`, which the system may know as ::1 alone. */
async function connectTcp(address: Deno.ConnectOptions): Promise<Deno.TcpConn> {
  if (address.hostname !== "localhost") return await Deno.connect(address);
  try {
    return await Deno.connect({ ...address, hostname: "127.0.0.1" });
  } catch (error) {
    return await Deno.connect({ ...address, hostname: "::1" }).catch(() => Promise.reject(error));
  }
}
