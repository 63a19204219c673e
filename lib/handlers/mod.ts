/** The built-in handlers, and how a handler is found by name or address. */

import { fileURLToPath } from "node:url";
import { handlerFileFault } from "../handler_file.ts";
import { withHint } from "../permission_hint.ts";

/** Built-in handlers by name; only workers load these modules. See docs/handlers.md. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ["echo", import.meta.resolve("./echo.ts")], // the worker's ID and the line
  ["sha256", import.meta.resolve("./sha256.ts")], // digest of the line, in hexadecimal
  ["kv", import.meta.resolve("./kv.ts")], // GET, SET, DEL, KEYS on a SQLite file
  ["exec", import.meta.resolve("./exec.ts")], // any program that answers a line by a line; see programs.ts
]);

/** The most characters of an address that a message shows: a `data:` address holds a whole module. */
const LONGEST_NAME = 100;

/** Names of the built-in handlers. */
export const builtInHandlers: readonly string[] = [...BUILT_IN.keys()];

/**
 * The address of a handler's module.
 *
 * @param handler A built-in handler's name, or the address of a module
 * @throws {TypeError} if there is no built-in handler of this name
 * @throws {Error} if there is no file at this address, or one that cannot be a module
 */
export function handlerUrl(handler: string | URL): URL {
  if (handler instanceof URL) {
    const fault = handlerFileFault(handler);
    if (fault === undefined) return handler;
    throw new Error(loadFault(handler, fault));
  }
  const builtIn = BUILT_IN.get(handler);
  if (builtIn !== undefined) return new URL(builtIn);
  const names = builtInHandlers.join(", ");
  const hint = /[/\\:]/.test(handler)
    ? "a file is given by a URL, as in new URL(…, import.meta.url)"
    : `a file needs a "/" in its path, as in "./${handler}"`;
  throw new TypeError(
    `no built-in handler is named ${JSON.stringify(handler)} (there are: ${names}); ${hint}`,
  );
}

/** What messages call a handler's module: its name, its path where it is a file, else its address. */
export function handlerName(handler: URL): string {
  for (const [name, address] of BUILT_IN) if (address === handler.href) return name;
  try {
    if (handler.protocol === "file:") return fileURLToPath(handler);
  } catch {
    // the address is no path of this machine
  }
  return handler.href.length > LONGEST_NAME
    ? `${handler.href.slice(0, LONGEST_NAME)}…`
    : handler.href;
}

/** Whether a handler may be TypeScript: a standalone binary loads it from Deno 2.8.2 on. */
const TAKES_TYPESCRIPT = !Deno.build.standalone ||
  Deno.version.deno.localeCompare("2.8.2", "en", { numeric: true }) >= 0;

/** Says, in one sentence, which handler could not be loaded and why. */
export function loadFault(handler: URL, reason: string): string {
  const name = handlerName(handler);
  const why = TAKES_TYPESCRIPT || !/\.[mc]?tsx?$/.test(name)
    ? withHint(reason)
    : `this binary takes handlers as .js files only (${reason})`;
  return `cannot load the handler ${name}: ${why}`;
}
