/**
 * The types of the server's options: each with its meaning, its unit and its default. The flags of the
 * command line are the same names in kebab-case.
 */

import type { ServerEvent } from "./observe/events.ts";
import type { HandlerPermissions } from "./half_sync/permissions.ts";

/** The order of a connection's replies; see docs/guarantees.md. */
export type Order = "request" | "completion" | "serial" | "pinned";

/** A server's certificate chain and private key for TLS, as PEM text. */
export interface TlsOptions {
  /** The certificate, followed by those of the authorities between it and the root. */
  cert: string;
  /** Its private key. */
  key: string;
}

/** Options of {@linkcode serve}. Every one may be left out. */
export interface ServeOptions {
  /** Address to listen on. @default {"127.0.0.1"} */
  host?: string;
  /** Port to listen on; 0 takes a free one. @default {7007} */
  port?: number;
  /** Path of a Unix socket to listen on, instead of `host` and `port`; its folder must be writable. */
  unix?: string;
  /**
   * Share the port with other processes that set this, too; Linux, and only Linux, spreads the connections
   * over them. Deno needs `--unstable-net` for it, or `"unstable": ["net"]`. The server then listens only
   * when its workers are ready. @default {false}
   */
  reusePort?: boolean;
  /** Mode of the Unix socket, from 0 to `0o777`. @default {by umask} */
  socketMode?: number;
  /** Serve TLS with this certificate. */
  tls?: TlsOptions;
  /** Number of Web Workers, fixed. @default {navigator.hardwareConcurrency} 0 with `nats` */
  workers?: number;
  /** The job: a built-in handler's name, or the module of one. @default {"echo"} */
  handler?: string | URL;
  /** What the handler may do on the machine. @default {{}} nothing */
  permissions?: HandlerPermissions;
  /** Words for the handler, as after `--` on the command line. @default {[]} */
  handlerArgs?: string[];
  /** Order of a connection's replies. @default {"request"} */
  order?: Order;
  /** What ends a reply: `\n` or `\r\n`. @default {"lf"} */
  newline?: "lf" | "crlf";
  /**
   * If a connection's first line is an HTTP request, answer one `ERR` line, run none of its lines, and close
   * it. So no web page can drive the handler. @default {false}, and `true` for `kv` and `exec`
   */
  refuseHttp?: boolean;
  /**
   * `"none"` is for one-way senders: nothing is ever written, not even an `ERR` line, and `idleTimeout` is 0
   * unless given. A stop half-closes each connection, and still takes its lines until the client closes or is
   * silent for 100 ms. @default {"all"}
   */
  replies?: "all" | "none";
  /**
   * Each connection begins with a PROXY header, version 1 or 2, which names the client; a connection without
   * one is closed. With TLS, the header comes before the handshake; that needs Deno 2.9.6 or later.
   * @default {false}
   */
  proxyProtocol?: boolean;
  /**
   * Speak Telnet: commands are taken out of the lines, options are refused, `\r\0` counts as `\r`, and each
   * byte 255 of a reply is doubled. @default {false}
   */
  telnet?: boolean;
  /**
   * Where to serve metrics, health checks and the live page: `[HOST:]PORT`, on 127.0.0.1 if no host is given;
   * port 0 takes a free one. See docs/observe.md.
   */
  web?: string;
  /**
   * Have worker machines run the jobs, by way of the NATS server at
   * `nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT]` or `tls://…`; several are separated by commas. `workers` is
   * then 0 unless given, and only those workers run `handler`. See docs/scaling.md.
   */
  nats?: string;
  /** The service that the worker machines belong to. @default {"hsha"} */
  service?: string;
  /** Path of a NATS credentials file. */
  natsCreds?: string;
  /** Longest line, in bytes without its terminator. @default {65536} */
  maxLine?: number;
  /** Most connections at once; one more gets an `ERR` line and is closed. @default {10000} */
  maxConnections?: number;
  /** Most connections of one client address at once; 0: no limit but `maxConnections`. @default {0} */
  maxPerAddress?: number;
  /** Most lines accepted and not yet answered, over all connections. @default {10000} */
  queueLimit?: number;
  /** What to do at that limit: stop reading, or answer `ERR overloaded …`. @default {"pause"} */
  overload?: "pause" | "reject";
  /**
   * Seconds a connection may send nothing while nothing is left to answer; 0: for ever.
   * @default {300} 0 with `replies: "none"`
   */
  idleTimeout?: number;
  /** Seconds a client may leave its replies unread; 0: for ever. @default {30} */
  writeTimeout?: number;
  /** Seconds a job may run before it fails and its worker is replaced; 0: for ever. @default {30} */
  jobTimeout?: number;
  /** Seconds a stop waits for the lines accepted. @default {10} */
  drainTimeout?: number;
  /** Longest reply, in bytes, all its lines together; a longer one becomes an error. @default {16777216} */
  maxReply?: number;
  /**
   * Largest heap of a worker after a batch, in MiB; a worker with a larger one is replaced. 0: no limit.
   * @default {0}
   */
  maxHeap?: number;
  /** The server ends when this many workers are stuck in jobs that cannot be stopped. @default {workers} */
  maxAbandoned?: number;
  /** Begins a graceful stop when it aborts. */
  signal?: AbortSignal;
  /** Called once, with the address in use, when the server listens. */
  onListen?: (addr: Deno.Addr) => void;
  /** Seconds a worker may take to load the handler. @default {30} */
  bootTimeout?: number;
  /** Called with every event; the log is one such listener. */
  onEvent?: (event: ServerEvent) => void;
}
