/** The options that a handler is meant to be served with: its export `defaults`. The user's own options win. */

import type { HandlerDefaults } from "../half_sync/handler.ts";
import { enumerate, quote } from "../option_kinds.ts";
import { resolveOptions, type Settings } from "../option_check.ts";
import type { ServeOptions } from "../options.ts";
import { messageOf } from "../reason.ts";

/** The options that a handler may have defaults for. */
const NAMES = [
  "order",
  "newline",
  "telnet",
  "refuseHttp",
  "replies",
  "maxLine",
  "idleTimeout",
] as const;

/**
 * A server's settings: what the user said, else what its handler wants, else what every server has.
 *
 * @param options What the user said.
 * @param defaults The handler's export of that name, if there is one.
 * @throws {Error} if the handler's defaults are not valid, with the reason
 */
export function settingsOf(options: ServeOptions, defaults: unknown): Settings {
  const meant = defaults === undefined ? {} : checked(defaults);
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return resolveOptions({ ...meant, ...Object.fromEntries(said) });
}

function checked(defaults: unknown): HandlerDefaults {
  if (Object.prototype.toString.call(defaults) !== "[object Object]") {
    throw new Error(`its export "defaults" is ${quote(defaults)}; it must be an object`);
  }
  const stray = Object.keys(defaults as object).find((name) =>
    !NAMES.some((known) => known === name)
  );
  if (stray !== undefined) {
    const known = enumerate(NAMES, "and");
    throw new Error(`its export "defaults" holds ${quote(stray)}; it may hold ${known}`);
  }
  try {
    resolveOptions(defaults as HandlerDefaults);
  } catch (error) {
    throw new Error(`its export "defaults": ${messageOf(error)}`);
  }
  return defaults as HandlerDefaults; // sound: each name and value has been checked
}
