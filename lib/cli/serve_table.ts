/**
 * The options of `hsha serve`: the server's own, and those that only a command line has: files,
 * grants for the handler one by one, and the log.
 */

import { LOG_LEVELS } from "../observe/log.ts";
import type { ListOption } from "../option_kinds.ts";
import { PERMISSION_NAMES, SERVER_OPTIONS } from "../option_table.ts";
import type { ServeOptions } from "../options.ts";

type PermissionName = keyof NonNullable<ServeOptions["permissions"]>;

/** The name of the option that grants a permission: `allowRead` for `read`. */
export type PermissionFlag = `allow${Capitalize<PermissionName>}`;

/** What is granted by each `--allow-…` flag, and what its list holds. */
const GRANTS: Record<PermissionName, [metavar: string, help: string]> = {
  read: ["PATH,…", "read files: all, or only these"],
  write: ["PATH,…", "write files"],
  net: ["HOST,…", "use the network: HOST or HOST:PORT"],
  env: ["NAME,…", "read environment variables"],
  run: ["PROGRAM,…", "run programs"],
  sys: ["KIND,…", "ask the system: hostname, osRelease …"],
  ffi: ["PATH,…", "load libraries"],
};

/** The option that grants a permission. */
export function permissionFlag(name: PermissionName): PermissionFlag {
  // Sound: the first letter is all that changes.
  return `allow${name[0].toUpperCase()}${name.slice(1)}` as PermissionFlag;
}

const permissionFlags = Object.fromEntries(PERMISSION_NAMES.map((name, at) => {
  const [metavar, help] = GRANTS[name];
  const heading = at === 0 ? "What the handler may do; nothing by default" : undefined;
  return [permissionFlag(name), { kind: "list", permission: name, metavar, help, heading }];
})) as Record<PermissionFlag, ListOption>;

const { host, port, unix, socketMode, workers, ...others } = SERVER_OPTIONS;

/** Every option of `hsha serve`, in the order of `--help`. */
export const SERVE_TABLE = {
  host,
  port,
  unix,
  socketMode,
  tlsCert: { kind: "text", metavar: "FILE", help: "serve TLS with this certificate chain (PEM)" },
  tlsKey: { kind: "text", metavar: "FILE", help: "and this private key (PEM)" },
  workers,
  processes: {
    kind: "integer",
    min: 1,
    max: 256,
    default: 1,
    metavar: "N",
    help: "server processes on one port, each with workers and limits of its own (Linux)",
  },
  ...others,
  ...permissionFlags,
  log: {
    kind: "choice",
    choices: ["text", "json"],
    default: "text",
    metavar: "FORMAT",
    help: "form of the log on standard error: text or json",
    heading: "Logging",
  },
  logLevel: {
    kind: "choice",
    choices: LOG_LEVELS,
    default: "info",
    metavar: "LEVEL",
    help: "lowest level that is logged: debug, info, warn or error",
  },
  accessLog: {
    kind: "text",
    metavar: "FILE",
    help: "append one JSON line for each connection, at its end",
  },
  check: {
    kind: "flag",
    help: "check the options, their files and the handler, and start nothing",
    heading: "Other",
  },
} as const;
