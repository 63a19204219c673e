/**
 * Looks at the file of a handler's module before Deno loads it: whether it can be loaded at all, and where it
 * really is.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { fileFault } from "./file_fault.ts";

/** Largest file of a handler, in bytes; Deno itself has no limit. */
const LARGEST = 64 * 2 ** 20;

/**
 * Why a module cannot be loaded from its file; `undefined` if nothing is wrong with the file. It is also
 * `undefined` if there is no file to look at, or no permission to: then Deno itself will say why.
 */
export function handlerFileFault(module: URL): string | undefined {
  const path = pathOf(module);
  if (path === undefined) return undefined;
  try {
    return fileFault(Deno.statSync(path), LARGEST);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "there is no such file" : undefined;
  }
}

/**
 * The address of a module, behind a symbolic link that of the file it leads to. Deno would ask whether the
 * worker may read the link, and a handler in its box may not. Ask anew for each worker that starts, as the
 * link may lead elsewhere by then.
 */
export function withoutLink(module: URL): URL {
  const path = pathOf(module);
  try {
    if (path === undefined || !Deno.lstatSync(path).isSymlink) return module;
    const real = pathToFileURL(Deno.realPathSync(path));
    real.search = module.search;
    return real;
  } catch {
    return module; // loading it will say what is wrong
  }
}

function pathOf(module: URL): string | undefined {
  if (module.protocol !== "file:") return undefined;
  try {
    return fileURLToPath(module);
  } catch {
    return undefined; // not a path of this machine
  }
}
