/**
 * The server's options as one table: defaults, bounds and help. `resolveOptions` checks a caller's
 * options against it; the command line takes its flags, help and environment variables from it.
 */

import { enumerate, fault, LONGEST_SECONDS, type Option, quote, wanted } from "./option_kinds.ts";
import type { ServeOptions } from "./options.ts";

/** The options that are one plain value each. */
type PlainName = Exclude<keyof ServeOptions, keyof typeof STRUCTURED>;

/** Options that have no default. */
type OptionalName = "unix" | "tls" | "signal" | "onListen" | "onEvent";

/** What {@linkcode resolveOptions} makes of {@linkcode ServeOptions}: nothing is left to default. */
export type Settings =
  & Required<Omit<ServeOptions, OptionalName>>
  & Pick<ServeOptions, OptionalName>;

/** A row for a time: 0 or more, unless `min` says otherwise. */
function seconds(byDefault: number, help: string, min = 0) {
  const bounds = { min, max: LONGEST_SECONDS };
  return { kind: "seconds", ...bounds, default: byDefault, metavar: "SECONDS", help } as const;
}

/** Every plain option of the server, in the order of `--help`. */
export const SERVER_OPTIONS = {
  host: {
    kind: "text",
    default: "127.0.0.1",
    metavar: "ADDRESS",
    help: "address to listen on",
    heading: "Where it listens",
  },
  port: {
    kind: "integer",
    min: 0,
    max: 65535,
    default: 7007,
    metavar: "PORT",
    short: "p",
    help: "port to listen on; 0 takes a free one, which the log names",
  },
  unix: { kind: "text", metavar: "PATH", help: "listen on a Unix socket instead" },
  workers: {
    kind: "integer",
    min: 1,
    max: 1024,
    defaultText: "logical CPUs",
    metavar: "N",
    short: "w",
    help: "size of the fixed set of Web Workers",
    heading: "What it does",
  },
  handler: {
    kind: "text",
    default: "echo",
    metavar: "NAME|FILE",
    help: "the job: echo, sha256, kv, or a file (with a / in it, or ending in .ts or .js)",
  },
  order: {
    kind: "choice",
    choices: ["request", "completion", "serial"],
    default: "request",
    metavar: "MODE",
    help: "replies in the order of their lines (request), as they are ready (completion), " +
      "or one job of a connection at a time (serial)",
  },
  newline: {
    kind: "choice",
    choices: ["lf", "crlf"],
    default: "lf",
    metavar: "MODE",
    help: "what ends a reply: lf or crlf",
  },
  replies: {
    kind: "choice",
    choices: ["all", "none"],
    default: "all",
    metavar: "MODE",
    help: "all, or none for one-way senders: nothing is ever written, and the idle timeout is 0",
  },
  proxyProtocol: {
    kind: "flag",
    help: "each connection begins with a PROXY header, version 1 or 2; without one it is closed",
  },
  telnet: {
    kind: "flag",
    help: "take Telnet's commands out of the lines, and refuse its options",
  },
  maxLine: {
    kind: "integer",
    min: 1,
    // A line becomes one string: V8 holds strings of up to 2²⁹ characters, this is half of that.
    max: 2 ** 28,
    default: 65536,
    metavar: "BYTES",
    help: "longest line, without its terminator",
    heading: "Limits",
  },
  maxConnections: {
    kind: "integer",
    min: 1,
    max: 1_000_000,
    default: 10_000,
    metavar: "N",
    help: "most connections; one more gets an ERR line and is closed",
  },
  maxPerAddress: {
    kind: "integer",
    min: 0,
    max: 1_000_000,
    default: 0,
    metavar: "N",
    help: "most connections of one client address; 0: no limit",
  },
  queueLimit: {
    kind: "integer",
    min: 1,
    max: 10_000_000,
    default: 10_000,
    metavar: "N",
    help: "most lines accepted and not yet answered, over all connections",
  },
  overload: {
    kind: "choice",
    choices: ["pause", "reject"],
    default: "pause",
    metavar: "MODE",
    help: "at that limit: stop reading (pause) or answer ERR (reject)",
  },
  idleTimeout: seconds(300, "close a connection that is silent for so long; 0: never"),
  writeTimeout: seconds(30, "close a connection that reads no reply for so long; 0: never"),
  jobTimeout: seconds(30, "fail a job that runs longer and replace its worker; 0: never"),
  bootTimeout: seconds(30, "how long a worker may take to load the handler", 0.1),
  drainTimeout: seconds(10, "how long a stop waits for lines that were accepted"),
  maxAbandoned: {
    kind: "integer",
    min: 1,
    max: 1024,
    defaultText: "as many as workers",
    metavar: "N",
    help: "workers stuck in a job, and abandoned, that end the server",
  },
} as const satisfies Record<PlainName, Option>;

/** What a handler may be granted; a name here is a flag `--allow-…` and a key of `permissions`. */
export const PERMISSION_NAMES = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

/** The options that are more than a plain value: what checks each, and makes a copy of what may change. */
const STRUCTURED = {
  tls: checkTls,
  permissions: checkPermissions,
  signal: (value: unknown) =>
    value instanceof AbortSignal ? value : refuse("signal", { value, want: "an AbortSignal" }),
  onListen: (value: unknown) =>
    typeof value === "function" ? value : refuse("onListen", { value, want: "a function" }),
  onEvent: (value: unknown) =>
    typeof value === "function" ? value : refuse("onEvent", { value, want: "a function" }),
};

/**
 * Checks a server's options and fills in their defaults. An option whose value is `undefined` is
 * taken for absent.
 *
 * @param options What the caller gave.
 * @returns Every option that has a default, and those of the others that were given.
 *
 * @throws {TypeError} An option is unknown, of the wrong type, or contradicts another.
 * @throws {RangeError} A value is of the right type but out of its range.
 */
export function resolveOptions(options: ServeOptions = {}): Settings {
  if (!isObject(options)) {
    throw new TypeError(`The options are ${quote(options)}; they must be an object`);
  }
  const settings: Record<string, unknown> = { workers: logicalCpus(), permissions: {} };
  const rows: Readonly<Record<string, Option>> = SERVER_OPTIONS;
  const structured: Readonly<Record<string, (value: unknown) => unknown>> = STRUCTURED;
  for (const [name, row] of Object.entries(rows)) {
    const byDefault = row.kind === "flag" ? false : row.default;
    if (byDefault !== undefined) settings[name] = byDefault;
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rows, name) && !Object.hasOwn(structured, name)) {
      const names = [...Object.keys(rows), ...Object.keys(structured)];
      throw new TypeError(
        `There is no option ${quote(name)}; there are ${enumerate(names, "and")}`,
      );
    }
    if (value === undefined) continue;
    if (Object.hasOwn(structured, name)) {
      settings[name] = structured[name](value);
    } else {
      checkPlain(name, { row: rows[name], value });
      settings[name] = value instanceof URL ? new URL(value) : value;
    }
  }
  checkTogether(options);
  settings.maxAbandoned ??= settings.workers;
  // A sender that expects no reply, a syslog daemon say, may have nothing to send for hours.
  if (settings.replies === "none") settings.idleTimeout = options.idleTimeout ?? 0;
  // Sound: each row was filled in or checked above, and the table has a row for every plain option.
  return settings as unknown as Settings;
}

/** As many workers as the machine runs at once, within the bounds of the option. */
function logicalCpus(): number {
  const { min, max } = SERVER_OPTIONS.workers;
  return Math.min(Math.max(navigator.hardwareConcurrency, min), max);
}

function checkPlain(name: string, { row, value }: { row: Option; value: unknown }): void {
  if (name === "handler" && value instanceof URL) return;
  const wrong = fault(row, value);
  if (wrong === undefined) return;
  const want = name === "handler" ? `${wanted(row)}, or a URL` : wanted(row);
  refuse(name, { value, want, as: wrong === "range" ? RangeError : TypeError });
}

function checkTls(value: unknown): object {
  if (!isObject(value)) refuse("tls", { value, want: "an object with the texts cert and key" });
  const texts: Partial<Record<string, unknown>> = { ...value };
  const stray = Object.keys(texts).find((part) => part !== "cert" && part !== "key");
  if (stray !== undefined) {
    throw new TypeError(`The option "tls" has no part ${quote(stray)}; it has cert and key`);
  }
  for (const part of ["cert", "key"]) {
    // The text is not quoted: it may be the private key.
    if (typeof texts[part] !== "string" || texts[part] === "") {
      throw new TypeError(`The option "tls" has no text "${part}"; it needs both cert and key`);
    }
  }
  return texts;
}

function checkPermissions(value: unknown): object {
  const known = enumerate(PERMISSION_NAMES, "and");
  if (!isObject(value)) refuse("permissions", { value, want: `an object with any of ${known}` });
  for (const [name, grant] of Object.entries(value)) {
    const permission = PERMISSION_NAMES.find((it) => it === name);
    if (permission === undefined) {
      throw new TypeError(`There is no permission ${quote(name)}; there are ${known}`);
    }
    if (grant === undefined) continue;
    checkPlain(`permissions.${name}`, {
      row: { kind: "list", permission, help: "" },
      value: grant,
    });
  }
  return structuredClone({ ...value });
}

/** Refuses options that contradict each other. */
function checkTogether({ unix, host, port, tls }: ServeOptions): void {
  if (unix === undefined) return;
  for (const [name, value] of Object.entries({ host, port, tls })) {
    if (value !== undefined) {
      throw new TypeError(`The option "unix" is ${quote(unix)}; it excludes the option "${name}"`);
    }
  }
}

/** What makes a value wrong, and the class of the error that says so. */
interface Refusal {
  value: unknown;
  want: string;
  as?: ErrorConstructor;
}

function refuse(name: string, { value, want, as = TypeError }: Refusal): never {
  throw new as(`The option "${name}" is ${quote(value)}; it must be ${want}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
