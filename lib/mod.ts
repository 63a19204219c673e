/**
 * hsha: a Half-Sync/Half-Async line server, and a client for it. This is the public door of the library.
 *
 * @example Serve lines until the program ends
 * ```ts ignore
 * import { serve } from "./mod.ts";
 *
 * const handler = new URL("./shout.ts", import.meta.url);
 * const server = await serve({ port: 7007, handler });
 * await server.finished;
 * Deno.exit(); // a job that cannot be stopped would keep the program alive
 * ```
 *
 * @module
 */

import "./needs_deno.ts"; // first, as modules run in the order of their imports
export { serve, type Server } from "./server.ts";
export type { Order, ServeOptions, TlsOptions } from "./options.ts";
export type { HandlerPermissions } from "./half_sync/permissions.ts";
export type {
  CloseHook,
  DisposeHook,
  Handler,
  HandlerContext,
  HandlerDefaults,
  HandlerModule,
  OpenHook,
  Reply,
} from "./half_sync/handler.ts";
export { builtInHandlers } from "./handlers/mod.ts";
export type {
  CloseReason,
  ConnectionClosed,
  ContextUse,
  Counters,
  EventListener,
  Fault,
  Percentiles,
  ServerEvent,
  TimesInBrief,
} from "./observe/events.ts";
export { createLog, type Log, LOG_LEVELS, type LogLevel, type LogOptions } from "./observe/log.ts";
export { type AccessLog, openAccessLog } from "./observe/access_log.ts";
export {
  type AskAllOptions,
  type Client,
  connect,
  ConnectError,
  ConnectionLostError,
  type ConnectOptions,
  type Lines,
  ReplyError,
  TimeoutError,
} from "./client/mod.ts";
