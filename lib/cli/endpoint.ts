/**
 * Where the commands `connect` and `bench` connect to: the options and the operand `[HOST:]PORT` that
 * they share, and their way to the Connector.
 */

import * as connector from "../client/connector.ts";
import * as client from "../client/endpoint.ts";
import { ConnectError } from "../client/errors.ts";
import { CONNECT_OPTIONS } from "../client/options.ts";
import type { Given, OptionTable } from "../option_kinds.ts";
import { Failure } from "./failure.ts";
import type { Operand } from "./flags.ts";
import { readPem } from "./pem.ts";

export type { Endpoint, Wire } from "../client/endpoint.ts";

const { host, port, unix, tls } = CONNECT_OPTIONS;

/** The options that say where to connect. */
export const ENDPOINT_TABLE = {
  host,
  port,
  unix,
  tls,
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

/**
 * The place that a command's options name.
 *
 * @throws {Failure} The certificate's file cannot be read.
 * @throws {UsageError} It holds no certificate.
 */
export function toEndpoint(given: Given<typeof ENDPOINT_TABLE>): client.Endpoint {
  const caCert = given.caCert && readPem("--ca-cert", given.caCert, "a certificate");
  return client.toEndpoint({ host: host.default, port: port.default, ...given, caCert });
}

/**
 * Connects, and shakes hands where TLS is spoken.
 *
 * @throws {Failure} Nobody answers there, or the certificate is not trusted.
 */
export async function connectTo(endpoint: client.Endpoint): Promise<client.Wire> {
  try {
    return await connector.connectTo(endpoint);
  } catch (error) {
    if (error instanceof ConnectError) throw new Failure(error.message);
    throw error;
  }
}
