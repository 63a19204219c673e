/**
 * Steps 1 and 2: where chunks end, what naive framers make of a lone `\r` and of a half-close, and
 * what a line without an end costs.
 */

import { TextLineStream } from "@std/streams";
import { accept } from "../../docs/howto/01_echo.ts";
import { lines, replies } from "../../docs/howto/02_lines.ts";
import type { Findings } from "./measured.ts";
import { Probe } from "./probe.ts";
import { pause } from "../tools/pause.ts";
import { MEGABYTES, startStep } from "./step_process.ts";

/** Milliseconds after which a client is said to wait for ever. */
const PATIENCE = 1000;

type Serve = (conn: Deno.Conn) => Promise<void>;
type Framer = (conn: Deno.Conn) => AsyncIterable<string>;

/** Step 1: sends lines in three ways and counts the chunks that arrive. */
export async function measureChunks(): Promise<Findings> {
  const ways = {
    each: { writes: Array.from({ length: 1000 }, numbered), gap: 0 },
    once: { writes: [Array.from({ length: 10_000 }, numbered).join("")], gap: 0 },
    slow: { writes: Array.from({ length: 10 }, numbered).flatMap(halves), gap: 5 },
  };
  const figures: Findings["figures"] = {};
  for (const [way, { writes, gap }] of Object.entries(ways)) {
    let chunks = 0, cut = 0;
    await using server = serveHere(async (conn) => {
      for await (const chunk of conn.readable) {
        chunks++;
        if (chunk.at(-1) !== "\n".charCodeAt(0)) cut++;
      }
    });
    using probe = await Probe.connect(server.port);
    for (const write of writes) {
      await probe.send(write);
      if (gap > 0) await pause(gap);
    }
    await probe.end();
    await probe.reply(); // the server closes when it has read all
    figures[`01.${way}.writes`] = { value: writes.length, unit: "" };
    figures[`01.${way}.chunks`] = { value: chunks, unit: "" };
    figures[`01.${way}.cut`] = { value: cut, unit: "" };
  }
  return { figures };
}

function numbered(_: unknown, index: number): string {
  return `this is line number ${index}\n`;
}

function halves(line: string): string[] {
  return [line.slice(0, 10), line.slice(10)];
}

/** Step 2: the framers that come to mind first, beside the step's. */
export async function measureFramers(): Promise<Findings> {
  const framers: Record<string, Framer> = {
    plain: (conn) => textOf(conn).pipeThrough(new TextLineStream()),
    allowCR: (conn) => textOf(conn).pipeThrough(new TextLineStream({ allowCR: true })),
    step: lines,
  };
  const figures: Findings["figures"] = {};
  for (const [name, framer] of Object.entries(framers)) {
    const wait = await waitForReply(framer);
    figures[`02.${name}.ends`] = { value: await countLines(framer), unit: "" };
    figures[`02.${name}.answered`] = { value: wait === undefined ? 0 : 1, unit: "" };
    figures[`02.${name}.afterEnd`] = { value: await repliesAfterEnd(framer), unit: "" };
  }
  const megabytes = 64;
  await using step = await startStep("02_lines.ts");
  using probe = await Probe.connect(step.port);
  await probe.ask("warm-up");
  const before = step.usage().rss * MEGABYTES;
  for (let sent = 0; sent < megabytes; sent++) await probe.send("x".repeat(1e6));
  await probe.ask("");
  figures["02.endless.sent"] = { value: megabytes, unit: "MB" };
  figures["02.endless.grown"] = { value: step.usage().peak * MEGABYTES - before, unit: "MB" };
  return { figures };
}

function textOf(conn: Deno.Conn): ReadableStream<string> {
  return conn.readable.pipeThrough(
    new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>,
  );
}

/** How many lines a framer sees in three, each with an end of its own. */
async function countLines(framer: Framer): Promise<number> {
  let count = 0;
  await using server = serveHere(async (conn) => {
    for await (const _ of framer(conn)) count++;
  });
  using probe = await Probe.connect(server.port);
  await probe.send("one\rtwo\r\nthree\n");
  await probe.end();
  await probe.reply();
  return count;
}

/** How long a client waits that sends `ping\r` and no more; `undefined`: too long. */
async function waitForReply(framer: Framer): Promise<number | undefined> {
  await using server = serveHere(async (conn) => {
    const reply = replies(conn);
    for await (const line of framer(conn)) await reply(line);
  });
  using probe = await Probe.connect(server.port);
  const start = performance.now();
  await probe.send("ping\r");
  const reply = await Promise.race([probe.reply(), pause(PATIENCE)]);
  return reply === "ping" ? performance.now() - start : undefined;
}

/** How many of ten replies, each 20 ms of work away, reach a client that has half-closed. */
async function repliesAfterEnd(framer: Framer): Promise<number> {
  await using server = serveHere(async (conn) => {
    const reply = replies(conn);
    const pending = [];
    for await (const line of framer(conn)) {
      pending.push(pause(20).then(() => reply(line)).catch(() => {}));
    }
    await Promise.all(pending);
  });
  using probe = await Probe.connect(server.port);
  await probe.send("line\n".repeat(10));
  await probe.end();
  let count = 0;
  while (await probe.reply() !== undefined) count++;
  return count;
}

/** A server in this process, on step 1's acceptor. */
function serveHere(serve: Serve): { port: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const done = accept(listener, serve);
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: () => {
      listener.close();
      return done;
    },
  };
}
