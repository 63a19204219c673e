/**
 * The Connector as a library: a client of line servers. {@linkcode connect} is its beginning.
 *
 * @module
 */

export { type AskAllOptions, type Client, connect } from "./client.ts";
export type { Lines } from "./ask_all.ts";
export { ConnectError, ConnectionLostError, ReplyError, TimeoutError } from "./errors.ts";
export type { ConnectOptions } from "./options.ts";
