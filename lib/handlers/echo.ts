/** Built-in handler `echo`: the ID of the worker that ran it, a space, and the line. Why: identity. */

import type { HandlerContext } from "../half_sync/handler.ts";

/** Prepends the worker's ID to the line. */
export default function echo(line: string, context: HandlerContext): string {
  return `${context.workerId} ${line}`;
}
