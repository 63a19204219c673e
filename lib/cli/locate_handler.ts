/** Finds the handler that `--handler` names: a built-in one, and its program if it needs one, or a file. */

import { pathToFileURL } from "node:url";
import { builtInHandlers } from "../handlers/mod.ts";
import { isProgram } from "../handlers/programs.ts";
import { quote } from "../option_kinds.ts";
import { Failure } from "./failure.ts";
import { UsageError } from "./usage_errors.ts";

/** How the names of modules' files end. */
const ENDINGS = [".ts", ".js", ".mts", ".mjs"];

/**
 * Leaves a name as it is, and turns what looks like a file into the file's address.
 *
 * @throws {UsageError} It looks like a file's URL, and is not a valid one.
 * @throws {Failure} There is no such file or handler, but there is a file of that name with an ending.
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

/** @throws {UsageError} The handler is a program, and none is named after `--`. */
export function checkProgram(handler: string | undefined, words: readonly string[]): void {
  if (handler === undefined || !isProgram(handler) || words[0]) return;
  throw new UsageError(
    `--handler is ${quote(handler)}; it needs a program after --, as in ` +
      `--handler ${handler} -- python3 -u model.py`,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
