/**
 * The file of a handler's module, looked at before Deno loads it: whether it can be one at all, and where it
 * really is.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { fileFault } from "./file_fault.ts";

/** Largest file of a handler, in bytes: Deno would read even one without an end. */
const LARGEST = 64 * 2 ** 20;

/**
 * Why a module cannot be loaded from a file, as far as the file tells. Nothing for an address of another
 * kind, or a file that cannot be looked at: Deno itself will say why.
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
 * The address of the module itself, if a path is a symbolic link: Deno asks whether the worker may read the
 * link, and a handler in its box may not. Ask again for each worker that starts: the link may lead elsewhere
 * by then.
 */
export function withoutLink(module: URL): URL {
  const path = pathOf(module);
  try {
    if (path === undefined || !Deno.lstatSync(path).isSymlink) return module;
    const real = pathToFileURL(Deno.realPathSync(path));
    real.search = module.search;
    return real;
  } catch {
    return module; // loading it will tell what is wrong
  }
}

function pathOf(module: URL): string | undefined {
  if (module.protocol !== "file:") return undefined;
  try {
    return fileURLToPath(module);
  } catch {
    return undefined; // no path of this machine
  }
}
