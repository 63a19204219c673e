/** The options that a handler is meant to be served with: its export `defaults`. What the user says wins. */

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
 * The settings of a server: its options, the defaults of its handler, and those of all others.
 *
 * @param options What the user said.
 * @param defaults What the handler's module exports under that name, if it does.
 * @throws {Error} if those are no defaults, with the reason
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
