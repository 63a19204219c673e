/**
 * Test tool: the handler `kv`, whose worker can be killed at the worst time. `DIE command` runs the
 * command to its end, and has the worker die before it can reply.
 */

import type { HandlerContext } from "../../lib/mod.ts";
import kv from "../../lib/handlers/kv.ts";

const DEADLY = "DIE ";

/** Runs a line as `kv` does, or as the last one of its worker. */
export default function mortal(line: string, _: HandlerContext): string | Promise<string> {
  if (!line.startsWith(DEADLY)) return kv(line);
  kv(line.slice(DEADLY.length));
  // An error whose event cannot be prevented ends the worker.
  Event.prototype.preventDefault = () => {
    throw new Error("not to be prevented");
  };
  setTimeout(() => {
    throw new Error("the worker dies");
  });
  return new Promise(() => {});
}
