// Step 13. The real server: this file is its start, and the handler that its workers load.
import { type HandlerContext, serve } from "../../lib/mod.ts";
import { answer } from "./03_inline.ts";

/** The handler: step 3's service, with the worker's ID before its answer. */
export default (line: string, { workerId }: HandlerContext): string => {
  return `${workerId} ${answer(line)}`;
};

if (import.meta.main) {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  const server = await serve({
    port: Number(Deno.args[0] ?? 7113),
    workers: 2,
    handler: new URL(import.meta.url),
    jobTimeout: 2,
    signal: stop.signal,
  }).catch((error) => {
    console.error(error.message);
    Deno.exit(1);
  });
  console.log(`listening on 127.0.0.1:${(server.addr as Deno.NetAddr).port}`);
  await server.finished;
  const { accepted, answered, failed } = server.counters;
  console.log(`stopped: ${accepted} lines accepted, ${answered} answered, ${failed} failed`);
  Deno.exit(); // ends workers that hang, too
}
