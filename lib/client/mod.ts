/**
 * The Connector as a library: a client of line servers. {@linkcode connect} is its beginning.
 *
 * `lib/mod.ts` exports all of this too; this door is for Node, which cannot load the server.
 *
 * @module
 */

export { type AskAllOptions, type Client, connect } from "./client.ts";
export type { Lines } from "./ask_all.ts";
export { ConnectError, ConnectionLostError, ReplyError, TimeoutError } from "./errors.ts";
export type { ConnectOptions } from "./options.ts";
