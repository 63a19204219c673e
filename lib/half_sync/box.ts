/**
 * The box a handler runs in: a worker without any permission but those granted, whose entry module may
 * load the worker's program and the handler all the same.
 */

import type { Launch } from "./launch.ts";

/** What a handler may do on the machine, by Deno's own names; absent is no. */
export interface HandlerPermissions {
  read?: boolean | string[];
  write?: boolean | string[];
  net?: boolean | string[];
  env?: boolean | string[];
  run?: boolean | string[];
  sys?: boolean | string[];
  ffi?: boolean | string[];
}

/**
 * The entry module of a worker that serves jobs with the default export of `handler`.
 *
 * Deno loads what a module imports under a literal name, and the imports of that, whatever the worker
 * may read. The worker's program comes first, so that it is sealed before the handler runs. The
 * handler's import is dynamic, so that what goes wrong in it can be told in one line: the error of a
 * static import ends the worker, and Deno prints it with its stack trace.
 */
export function entryModule(handler: URL, { args, jobTimeout }: Launch): URL {
  const program = import.meta.resolve("./worker.ts");
  const source = `import { launch, refuse, serveJobs } from ${JSON.stringify(program)};\n` +
    `launch(${JSON.stringify({ args, jobTimeout })});\n` +
    `import(${JSON.stringify(handler.href)}).then(serveJobs, refuse);\n`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
