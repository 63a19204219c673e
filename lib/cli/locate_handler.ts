/** From what `--handler` says to the handler: a name, or the address of a file. */

import { pathToFileURL } from "node:url";
import { builtInHandlers } from "../half_sync/handlers.ts";
import { quote } from "../option_kinds.ts";
import { Failure } from "./failure.ts";
import { UsageError } from "./usage_errors.ts";

/** What the name of a module's file ends in. */
const ENDINGS = [".ts", ".js", ".mts", ".mjs"];

/**
 * A name as it is; what looks like a file as the address of that file.
 *
 * @throws {UsageError} It looks like an address, and is none.
 * @throws {Failure} There is no such file or handler, but a file that has an ending as well.
 */
export function locateHandler(handler: string): string | URL {
  if (handler.startsWith("file://")) {
    const url = URL.parse(handler);
    if (url !== null) return url;
    throw new UsageError(
      `--handler is ${quote(handler)}; it must be a name, a file's path or a valid file URL`,
    );
  }
  const isPath = /[/\\]|\.[mc]?[jt]s$/.test(handler);
  const isThere = isPath ? isFile(handler) : builtInHandlers.includes(handler);
  const near = isThere ? undefined : ENDINGS.find((ending) => isFile(handler + ending));
  if (near !== undefined) {
    const file = `${isPath ? "" : "./"}${handler}${near}`;
    throw new Failure(`there is no handler ${quote(handler)}; did you mean ${quote(file)}?`);
  }
  return isPath ? pathToFileURL(handler) : handler;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
