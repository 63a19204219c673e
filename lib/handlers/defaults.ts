/** Options that a handler is meant to be served with; what the user says wins. */

import type { ServeOptions } from "../options.ts";

/** Those options. */
export type HandlerDefaults = Readonly<Pick<ServeOptions, "order" | "refuseHttp">>;

/** Those of `kv`: a connection's commands take effect in their order, and no web page can send one. */
export const KV_DEFAULTS: HandlerDefaults = { order: "serial", refuseHttp: true };

const BUILT_IN: ReadonlyMap<string | URL, HandlerDefaults> = new Map([["kv", KV_DEFAULTS]]);

/** Options with the defaults of their handler in the place of those that are absent. */
export function withDefaults(options: ServeOptions, defaults: HandlerDefaults): ServeOptions {
  const { order = defaults.order, refuseHttp = defaults.refuseHttp } = options;
  return { ...options, order, refuseHttp };
}

/** The defaults of a handler: of one that is built in, by its name. */
export function defaultsOf(handler: string | URL): HandlerDefaults {
  return BUILT_IN.get(handler) ?? {};
}
