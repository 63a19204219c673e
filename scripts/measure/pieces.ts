/**
 * Pieces of a line's way, each on its own, and each done in one way against another: framing by lines
 * or by blocks, a write for each reply or joined ones, replies posted or left in shared memory.
 */

import { Buffer } from "node:buffer";
import { TextLineStream } from "@std/streams";
import { LineFramer } from "../../lib/half_async/line_framer.ts";
import { Flow } from "../../lib/queueing/flow.ts";
import { JobQueue } from "../../lib/queueing/job_queue.ts";
import { LineBlock } from "../../lib/queueing/line_block.ts";
import { median } from "../tools/numbers.ts";
import { Notes } from "./figures.ts";

const LINE = `${"x".repeat(31)}\n`;
const LINES = 1024;
const CHUNK = LINE.repeat(LINES);
const ROUNDS = 9;
/** Chunks in a round; those of the first rounds warm the compilers up. */
const CHUNKS = 60;
const REPLIES = 4096;

/** One piece, done once for so many lines. */
type Piece = () => Promise<void>;

/** Costs in microseconds per line. */
export async function measurePieces(): Promise<Notes> {
  const notes = new Notes();
  await note(notes, { name: "framing", lines: LINES * CHUNKS, ways: { lines, blocks } });
  await note(notes, { name: "queue", lines: LINES * CHUNKS, ways: { alone: queue } });
  const socket = await openSocket();
  const ways = { each: () => socket.write(1), joined: () => socket.write(64) };
  await note(notes, { name: "write", lines: REPLIES, ways });
  socket.close();
  const worker = await openWorker();
  const replies = { posted: () => worker.ask(false), shared: () => worker.ask(true) };
  await note(notes, { name: "replies", lines: LINES, ways: replies });
  worker.close();
  return notes;
}

/** Takes the ways in turns, and notes the median of what a line costs in each. */
async function note(
  notes: Notes,
  { name, lines, ways }: { name: string; lines: number; ways: Record<string, Piece> },
): Promise<void> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, run] of Object.entries(ways)) {
      const begun = performance.now();
      await run();
      (times[way] ??= []).push((performance.now() - begun) * 1e6 / lines);
    }
  }
  for (const [way, nanos] of Object.entries(times)) {
    notes.add(`piece.${name}.${way}`, median(nanos.slice(2)), "ns");
  }
}

/** A promise for each line: the stream of `@std/streams` as it is meant to be used. */
async function lines(): Promise<void> {
  const stream = new TextLineStream();
  const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    void writer.write(CHUNK);
    for (let line = 0; line < LINES; line++) await reader.read();
  }
  void writer.close();
  await reader.read();
}

/** A promise for each chunk: the framer of lib/, with its line ends and its limit. */
async function blocks(): Promise<void> {
  const framer = new LineFramer(65536);
  const chunk = Buffer.from(CHUNK);
  for (let count = 0; count < CHUNKS; count++) await framer.write(chunk, chunk.length);
  await framer.end();
}

/** The queue alone: lines of 16 flows, 64 at a time, pushed, taken by turns, answered. */
function queue(): Promise<void> {
  const jobs = new JobQueue({
    limit: 10_000,
    serial: false,
    capacity: { lines: 1024, bytes: 163_840 },
  });
  const sink = { blocked: false, answered() {}, executorLost() {} };
  const flows = Array.from({ length: 16 }, () => new Flow(jobs, sink));
  const block = new LineBlock(LINE.slice(0, -1).concat("\n").repeat(64).slice(0, -1), 64);
  const nothing = new Uint8Array();
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    for (const flow of flows) {
      flow.push(block);
      flow.close();
    }
    for (let portion = jobs.take(1000); portion !== undefined; portion = jobs.take(1000)) {
      for (const run of portion.runs) {
        run.answered({ lines: run.count, bytes: nothing, failed: 0, ends: false });
        run.took(run.count);
      }
    }
  }
  return Promise.resolve();
}

/** A connection to this process itself, whose far end is read all the time. */
async function openSocket() {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const far = await listener.accept();
  near.setNoDelay(true);
  let read = 0;
  let full = () => {};
  const reading = (async () => {
    const buffer = new Uint8Array(65536);
    for (let count; (count = await far.read(buffer)) !== null;) {
      read += count;
      if (read === REPLIES * LINE.length) full();
    }
    far.close();
  })();
  return {
    /** Writes all replies, so many at once. */
    async write(joined: number): Promise<void> {
      read = 0;
      const done = new Promise<void>((resolve) => full = resolve);
      const bytes = new TextEncoder().encode(LINE.repeat(joined));
      for (let line = 0; line < REPLIES; line += joined) {
        for (let sent = 0; sent < bytes.length;) sent += await near.write(bytes.subarray(sent));
      }
      await done;
    },
    close: () => (near.close(), reading),
  };
}

/** A worker that answers a batch by posting its replies, or by leaving them in shared memory. */
async function openWorker() {
  const source = `const replies = new TextEncoder().encode(${JSON.stringify(CHUNK)});
let memory;
self.onmessage = ({ data }) => {
  if (typeof data !== "boolean") memory = new Uint8Array(data);
  else if (data) memory.set(replies);
  self.postMessage(data === false ? replies.slice() : "done");
};`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const ask = (message: unknown) =>
    new Promise<void>((resolve) => {
      worker.onmessage = () => resolve();
      worker.postMessage(message);
    });
  await ask(new SharedArrayBuffer(CHUNK.length));
  const close = () => (worker.terminate(), URL.revokeObjectURL(url));
  return { ask, close };
}
