/**
 * The options of a client, each with its meaning, unit, bounds and default. `hsha connect` makes its flags of
 * the same table.
 */

import {
  enumerate,
  fault,
  LONGEST_SECONDS,
  type Option,
  type OptionTable,
  quote,
  refuse,
  wanted,
} from "../option_kinds.ts";

/** Options of {@linkcode connect}. Every one may be left out. */
export interface ConnectOptions {
  /** Address to connect to. @default {"127.0.0.1"} */
  host?: string;
  /** Port to connect to. @default {7007} */
  port?: number;
  /** Path of a Unix socket to connect to, instead of `host` and `port`. */
  unix?: string;
  /** Speak TLS. @default {false} */
  tls?: boolean;
  /** Speak TLS, and trust this certificate, a PEM text, as well as the system's. */
  caCert?: string;
  /** Seconds that connecting may take, and then each reply once it is the next; 0: for ever. @default {60} */
  timeout?: number;
  /** Number of lines with which the server greets each client. @default {0} */
  greeting?: number;
  /** Longest reply, in bytes without its end. @default {16777216} 16 MiB */
  maxReply?: number;
  /**
   * Whether a reply that begins with `ERR ` is thrown as an error, or returned like any other.
   * @default {"throw"}
   */
  errReply?: "throw" | "return";
  /** Closes the client at once when it aborts; asks still pending reject with its reason. */
  signal?: AbortSignal;
}

/** All options but `signal` as a table, in the order of `--help`. */
export const CONNECT_OPTIONS = {
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
  caCert: { kind: "text", help: "speak TLS, and trust this certificate" },
  timeout: {
    kind: "seconds",
    min: 0,
    max: LONGEST_SECONDS,
    default: 60,
    help: "what connecting and each reply may take",
  },
  greeting: { kind: "integer", min: 0, max: 10_000, default: 0, help: "lines sent unasked" },
  maxReply: { kind: "integer", min: 1, max: 2 ** 29, default: 2 ** 24, help: "longest reply" },
  errReply: { kind: "choice", choices: ["throw", "return"], default: "throw", help: "ERR replies" },
} as const satisfies OptionTable;

/** The options that a Unix socket excludes. */
const UNIX_EXCLUDES = ["host", "port", "tls", "caCert"] as const;

/** The options as {@linkcode resolveConnect} returns them: checked, with every default filled in. */
export type ConnectSettings =
  & Required<Omit<ConnectOptions, "unix" | "caCert" | "signal" | "tls">>
  & ConnectOptions;

/**
 * Checks options, and fills in defaults.
 *
 * @throws {TypeError} An option is unknown, of the wrong type, or contradicts another.
 * @throws {RangeError} A value is of the right type but out of its range.
 */
export function resolveConnect(options: ConnectOptions = {}): ConnectSettings {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`The options are ${quote(options)}; they must be an object`);
  }
  const rows: Readonly<Record<string, Option>> = CONNECT_OPTIONS;
  const settings: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows)) settings[name] = row.default;
  for (const [name, value] of Object.entries(options)) {
    if (name !== "signal" && !Object.hasOwn(rows, name)) {
      const names = enumerate([...Object.keys(rows), "signal"], "and");
      throw new TypeError(`There is no option ${quote(name)}; there are ${names}`);
    }
    if (value === undefined) continue;
    if (name === "signal") {
      if (!(value instanceof AbortSignal)) refuse(name, { value, want: "an AbortSignal" });
    } else checkConnectOption(name, { row: rows[name], value });
    settings[name] = value;
  }
  const excluded = UNIX_EXCLUDES.find((name) => options[name] !== undefined);
  if (options.unix !== undefined && excluded) {
    const path = quote(options.unix);
    throw new TypeError(`The option "unix" is ${path}; it excludes the option "${excluded}"`);
  }
  // Sound: every value was filled in or checked above.
  return settings as unknown as ConnectSettings;
}

/**
 * Checks the value of one option against its row of the table.
 *
 * @throws {TypeError} It is of the wrong type.
 * @throws {RangeError} It is out of its range.
 */
export function checkConnectOption(name: string, { row, value }: { row: Option; value: unknown }) {
  const wrong = fault(row, value);
  if (wrong === undefined) return;
  refuse(name, { value, want: wanted(row), as: wrong === "range" ? RangeError : TypeError });
}
