/**
 * The client of a line server, the Connector as a library. {@linkcode connect} makes one.
 *
 * The server's module exports all of this, too. This one is for Node, which cannot run the server.
 *
 * @module
 */

export { type AskAllOptions, type Client, connect } from "./client.ts";
export type { Lines } from "./ask_all.ts";
export { ConnectError, ConnectionLostError, ReplyError, TimeoutError } from "./errors.ts";
export type { ConnectOptions } from "./options.ts";
