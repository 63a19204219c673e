/**
 * The server's options as one table: defaults, bounds and help. `resolveOptions` checks a caller's options
 * against it. The command line makes its flags, its help and its environment variables of it.
 */

import { NATS_URL_FORM, natsAddress } from "./cluster/nats/address.ts";
import { DEFAULT_SERVICE, isServiceName, SERVICE_FORM } from "./cluster/nodes/service_name.ts";
import { WEB_ADDRESS_FORM, webAddress } from "./observe/web_address.ts";
import { type Option, seconds } from "./option_kinds.ts";
import type { ServeOptions } from "./options.ts";
import { ORDER_NAMES } from "./orders.ts";

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
  socketMode: {
    kind: "mode",
    defaultText: "by umask",
    metavar: "MODE",
    help: "mode of that socket, in octal: 660 lets its owner and its group connect",
  },
  workers: {
    kind: "integer",
    min: 1,
    max: 1024,
    defaultText: "logical CPUs",
    metavar: "N",
    short: "w",
    help: "number of Web Workers; each runs one job at a time",
    heading: "What it does",
  },
  handler: {
    kind: "text",
    default: "echo",
    metavar: "NAME|FILE",
    help:
      "the job: echo, sha256, kv, exec (the program after --), or a file (with a / in it, or ending in .ts or .js)",
  },
  order: {
    kind: "choice",
    choices: ORDER_NAMES,
    default: "request",
    metavar: "MODE",
    help:
      "replies in the order of their lines (request), or as soon as they are ready (completion); " +
      "or one job of a connection at a time (serial), always in the same worker (pinned)",
  },
  newline: {
    kind: "choice",
    choices: ["lf", "crlf"],
    default: "lf",
    metavar: "MODE",
    help: "what ends a reply: lf or crlf",
  },
  refuseHttp: {
    kind: "flag",
    negatable: true,
    defaultText: "on for kv and exec",
    help: "close a connection that begins with an HTTP request; --no-refuse-http: serve it",
  },
  replies: {
    kind: "choice",
    choices: ["all", "none"],
    default: "all",
    metavar: "MODE",
    help: "all; or none, for one-way senders: nothing is ever written, and the idle timeout is 0",
  },
  proxyProtocol: {
    kind: "flag",
    help: "each connection begins with a PROXY header, version 1 or 2; without one it is closed",
  },
  telnet: {
    kind: "flag",
    help: "take Telnet's commands out of the lines, and refuse its options",
  },
  web: {
    kind: "text",
    form: { is: (text) => webAddress(text) !== undefined, words: WEB_ADDRESS_FORM },
    metavar: "[HOST:]PORT",
    help: "serve metrics, health checks and the live page, on 127.0.0.1 unless HOST is given",
  },
  nats: {
    kind: "text",
    form: { is: (text) => natsAddress(text) !== undefined, words: NATS_URL_FORM },
    metavar: "URL",
    help:
      "have worker machines (hsha work) run the jobs, through the NATS server at URL; --workers is then 0",
    heading: "Worker machines",
  },
  service: {
    kind: "text",
    form: { is: isServiceName, words: SERVICE_FORM },
    default: DEFAULT_SERVICE,
    metavar: "NAME",
    help: "the service that the worker machines belong to",
  },
  natsCreds: { kind: "text", metavar: "FILE", help: "a NATS credentials file" },
  maxLine: {
    kind: "integer",
    min: 1,
    // A line becomes one string, which V8 limits to 2²⁹ characters; this is half of that.
    max: 2 ** 28,
    default: 65536,
    metavar: "BYTES",
    help: "longest line, without its terminator",
    heading: "Limits",
  },
  maxReply: {
    kind: "integer",
    min: 1,
    max: 2 ** 28,
    default: 16 * 2 ** 20,
    metavar: "BYTES",
    help: "longest reply, all its lines together; a longer one becomes an error reply",
  },
  maxHeap: {
    kind: "integer",
    min: 0,
    max: 2 ** 20,
    default: 0,
    metavar: "MIB",
    help: "replace a worker whose heap is larger after a batch; 0: never",
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
  idleTimeout: seconds(300, "close a connection that is silent for that long; 0: never"),
  writeTimeout: seconds(30, "close a connection that reads no replies for that long; 0: never"),
  jobTimeout: seconds(30, "fail a job that runs longer and replace its worker; 0: never"),
  bootTimeout: seconds(30, "how long a worker may take to load the handler", 0.1),
  drainTimeout: seconds(10, "how long a stop waits for accepted lines"),
  maxAbandoned: {
    kind: "integer",
    min: 1,
    max: 1024,
    defaultText: "as many as workers",
    metavar: "N",
    help: "end the server when that many workers are stuck in jobs that cannot be stopped",
  },
} as const satisfies { readonly [Name in keyof ServeOptions]?: Option };

/** The permissions that a handler may be granted. Each is a flag `--allow-…` and a key of `permissions`. */
export const PERMISSION_NAMES = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;
