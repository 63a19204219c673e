/** Built-in handler `echo`: the worker's ID, a space and the line. It shows which worker ran a line. */

import type { HandlerContext } from "../half_sync/handler.ts";

/** Prepends the worker's ID to the line. */
export default function echo(line: string, context: HandlerContext): string {
  return `${context.workerId} ${line}`;
}
