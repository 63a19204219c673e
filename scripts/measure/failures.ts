/**
 * Failure: a job that never ends, one that takes all memory, and jobs that wait for each other.
 */

import { Probe } from "../howto/probe.ts";
import { pause } from "../tools/pause.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { Notes } from "./figures.ts";
import { HANDLERS, hsha, type HshaOptions } from "./servers.ts";
import { threadUsage } from "../tools/usage.ts";

const HANDLER = ["--handler", HANDLERS.trouble];
const JOB_TIMEOUT = ["--job-timeout", "1"];

/** Small heaps, so that they are soon full. */
const SMALL_HEAP: HshaOptions = { args: HANDLER, denoArgs: ["--v8-flags=--max-old-space-size=64"] };

/** What is left after each failure. */
export async function measureFailures(): Promise<Notes> {
  const notes = new Notes();
  await hang(notes);
  await fill(notes);
  await nest(notes);
  return notes;
}

/** An endless loop: its line fails, its worker is replaced, and two seconds later its thread is gone. */
async function hang(notes: Notes): Promise<void> {
  await using server = await ServerProcess.spawn(hsha({ args: [...HANDLER, ...JOB_TIMEOUT] }));
  using probe = await Probe.connect(server.port);
  const [{ reply, at }] = await probe.askAll(["hang"]);
  if (!reply.startsWith("ERR ")) throw new Error(`a job that hangs got ${reply}`);
  notes.add("failure.hang.reply", at, "ms");
  notes.add("failure.hang.next", await probe.ask("still there?"), "ms");
  await pause(2000); // its guard strikes within one
  const [before, begun] = [threadUsage(server.pid), performance.now()];
  await pause(1000);
  const after = threadUsage(server.pid);
  if (before === undefined || after === undefined) return;
  const micros = (performance.now() - begun) * 1000;
  notes.add("failure.hang.cores", (after.others - before.others) / micros, "cores");
}

/** A heap that is full: V8 ends the process, with every connection it has. */
async function fill(notes: Notes): Promise<void> {
  await using server = await ServerProcess.spawn(hsha(SMALL_HEAP));
  const { port } = server;
  using innocent = await Probe.connect(port);
  await innocent.ask("there?");
  using probe = await Probe.connect(port);
  await probe.send("fill\n");
  notes.add("failure.memory.exitCode", (await server.status).code);
  const answered = await innocent.ask("there?").then(() => 1, () => 0);
  notes.add("failure.memory.othersAnswered", answered);
}

/** Jobs that ask their own server, and wait: as many as there are workers leave none to answer. */
async function nest(notes: Notes): Promise<void> {
  const args = [...HANDLER, ...JOB_TIMEOUT, "--allow-net"];
  await using server = await ServerProcess.spawn(hsha({ args }));
  using one = await Probe.connect(server.port);
  using other = await Probe.connect(server.port);
  const line = `ask ${server.port} hello`;
  await one.ask(line);
  notes.add("failure.nested.one", await one.ask(line), "ms");
  const replies = await Promise.all([one.askAll([line]), other.askAll([line])]);
  const failed = replies.flat().filter(({ reply }) => reply.startsWith("ERR "));
  notes.add("failure.nested.failed", failed.length);
  notes.add("failure.nested.two", Math.max(...replies.flat().map(({ at }) => at)), "ms");
}
