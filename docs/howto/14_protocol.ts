// Step 14. A protocol: a connection is greeted, is remembered between its lines, and is ended.
import { type HandlerContext, type HandlerDefaults, type Reply, serve } from "../../lib/mod.ts";
import { answer } from "./03_inline.ts";

/** All lines of a connection go to one worker, which keeps its session. */
export const defaults: HandlerDefaults = { order: "pinned" };

/** The first job of a connection: its session is what it asks for. It returns the greeting. */
export function open(context: HandlerContext<string[]>): Reply {
  context.session = [];
  return "Numbers, please, and then: bye";
}

export default function talk(line: string, context: HandlerContext<string[]>): Reply {
  const asked = context.session!;
  if (line !== "bye") {
    asked.push(line);
    return answer(line);
  }
  context.end();
  return [`You have asked for ${asked.length} numbers:`, ...asked];
}

/** The last thing that each worker does. */
export function dispose(): void {
  console.log("a worker has no line left");
}

if (import.meta.main) {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  const port = Number(Deno.args[0] ?? 7114), handler = new URL(import.meta.url);
  const server = await serve({ port, workers: 2, handler, signal: stop.signal }).catch((error) => {
    console.error(error.message);
    Deno.exit(1);
  });
  console.log(`listening on 127.0.0.1:${(server.addr as Deno.NetAddr).port}`);
  await server.finished;
  Deno.exit();
}
