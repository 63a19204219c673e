/**
 * The server's options: every one with its unit, its meaning and its default, in one place. The
 * command line's flags are these names in kebab-case.
 */

import type { ServerEvent } from "./observe/events.ts";
import type { HandlerPermissions } from "./half_sync/permissions.ts";

/** The order of a connection's replies; see docs/guarantees.md. */
export type Order = "request" | "completion" | "serial" | "pinned";

/** A server's certificate chain and private key for TLS, as PEM text. */
export interface TlsOptions {
  /** The certificate, followed by the certificates that vouch for it. */
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
   * Whether other processes share the port, each with this option; Linux spreads the connections. Deno asks
   * for `--unstable-net`, or `"unstable": ["net"]`. The workers start first. @default {false}
   */
  reusePort?: boolean;
  /** Mode of that socket, from 0 to `0o777`. @default {by umask} */
  socketMode?: number;
  /** Serve TLS with this certificate. */
  tls?: TlsOptions;
  /** Size of the fixed set of Web Workers. @default {navigator.hardwareConcurrency} 0 with `nats` */
  workers?: number;
  /** The job: a built-in handler's name, or the module of one. @default {"echo"} */
  handler?: string | URL;
  /** What the handler may do on the machine. @default {{}} nothing */
  permissions?: HandlerPermissions;
  /** Words for the handler, like those behind `--` on the command line. @default {[]} */
  handlerArgs?: string[];
  /** Order of a connection's replies. @default {"request"} */
  order?: Order;
  /** What ends a reply: `\n` or `\r\n`. @default {"lf"} */
  newline?: "lf" | "crlf";
  /**
   * If a connection's first line is an HTTP request, answer one `ERR` line, run none of its lines and close
   * it: so no web page can drive the handler. @default {false}, and `true` for `kv` and `exec`
   */
  refuseHttp?: boolean;
  /**
   * `"none"` is for one-way senders. Nothing is ever written, not even an `ERR` line, and `idleTimeout` is 0
   * unless given. A stop half-closes connections, and takes lines until their clients close or are silent for
   * 100 ms. @default {"all"}
   */
  replies?: "all" | "none";
  /**
   * Each connection begins with a PROXY header, version 1 or 2, and is its client's from then on; without one
   * it is closed. The header comes before TLS's handshake; the two together need Deno 2.9.6 or later.
   * @default {false}
   */
  proxyProtocol?: boolean;
  /**
   * Clients are Telnet clients: commands are taken out of their lines, options are refused, `\r\0` is `\r`,
   * and a byte 255 of a reply is doubled. @default {false}
   */
  telnet?: boolean;
  /**
   * Where to serve metrics, health checks and the live page: `[HOST:]PORT`, on 127.0.0.1 unless it names a
   * host; port 0 takes a free one. See docs/observe.md.
   */
  web?: string;
  /**
   * Have jobs run by worker machines, found over NATS there: `nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT]` or
   * `tls://…`, or several parted by commas. `workers` is then 0 unless given, and only those workers run
   * `handler`. See docs/scaling.md.
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
  /** Most connections of one client address at once; 0: no limit but the one above. @default {0} */
  maxPerAddress?: number;
  /** Most lines accepted and not yet answered, over all connections. @default {10000} */
  queueLimit?: number;
  /** At the queue's limit: stop reading, or answer `ERR overloaded …`. @default {"pause"} */
  overload?: "pause" | "reject";
  /**
   * Seconds a connection may be silent with nothing left to answer; 0: for ever.
   * @default {300} 0 with `replies: "none"`
   */
  idleTimeout?: number;
  /** Seconds a client may leave its replies unread; 0: for ever. @default {30} */
  writeTimeout?: number;
  /** Seconds a job may run before it fails and its worker is replaced; 0: for ever. @default {30} */
  jobTimeout?: number;
  /** Seconds a stop waits for lines accepted. @default {10} */
  drainTimeout?: number;
  /** Longest reply, in bytes, all its lines together; a longer one fails. @default {16777216} */
  maxReply?: number;
  /**
   * Largest heap of a worker after a batch, in MiB; a worker with a larger one is replaced; 0: any.
   * @default {0}
   */
  maxHeap?: number;
  /** So many abandoned workers, stuck in a job, end the server. @default {workers} */
  maxAbandoned?: number;
  /** Begins a graceful stop when it aborts. */
  signal?: AbortSignal;
  /** Called once, with the address in use, when the server listens. */
  onListen?: (addr: Deno.Addr) => void;
  /** Seconds until a worker that starts must have loaded its handler. @default {30} */
  bootTimeout?: number;
  /** Told of everything worth knowing; the log is one such listener. */
  onEvent?: (event: ServerEvent) => void;
}
