/**
 * The order of replies: what really happened to ten lines of one client in each mode, for the
 * timeline, and how long quick lines wait behind a slow one.
 */

import { ServerProcess } from "../tools/server_process.ts";
import { median } from "../tools/numbers.ts";
import { Probe } from "../howto/probe.ts";
import { Notes } from "./figures.ts";
import { HANDLERS, hsha } from "./servers.ts";

/** The modes, in the order in which they are drawn. */
export const ORDERS = ["request", "completion", "serial"];

/** What the traced lines take, in milliseconds. */
const TRACED = [60, 10, 10, 10, 10, 10, 10, 10, 10, 10];

/** Quick lines behind a slow one, the time it takes, and how often that is tried. */
const QUICK = 50;
const SLOW = 50;
const TRIES = 7;

/** Traces, and the wait at the head of the line. */
export async function measureOrder(): Promise<Notes> {
  const notes = new Notes();
  for (const order of ORDERS) {
    const args = ["--order", order, "--handler", HANDLERS.timed];
    await using server = await ServerProcess.spawn(hsha({ args }));
    await trace(notes, { order, port: server.port });
    await headOfLine(notes, { order, port: server.port });
  }
  notes.add("order.slow", SLOW, "ms");
  return notes;
}

/** Where something is noted, and of which server. */
interface Traced {
  order: string;
  port: number;
}

async function trace(notes: Notes, { order, port }: Traced): Promise<void> {
  using probe = await Probe.connect(port);
  await probe.ask("warm"); // so that the clocks below do not count the connecting
  const started = performance.timeOrigin + performance.now();
  const lines = TRACED.map((millis, index) => `block ${millis} line ${index + 1}`);
  for (const { reply, at } of await probe.askAll(lines)) {
    // `<worker> block <ms> line <number> <begun> <ended>`
    const words = reply.split(" ").map(Number);
    const [worker, number, begun, ended] = [words[0], words[4], words[5], words[6]];
    notes.point(`trace.${order}.worker`, number, worker);
    notes.point(`trace.${order}.job`, begun - started, ended - started);
    notes.point(`trace.${order}.reply`, number, at);
  }
}

async function headOfLine(notes: Notes, { order, port }: Traced): Promise<void> {
  const own: number[] = [];
  const others: number[] = [];
  const all: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    using first = await Probe.connect(port);
    using second = await Probe.connect(port);
    const lines = Array.from({ length: QUICK }, (_, index) => `quick ${index}`);
    const mine = first.askAll([`block ${SLOW}`, ...lines]);
    const theirs = second.askAll(lines);
    const replies = await mine;
    own.push(...replies.filter(({ reply }) => reply.includes("quick")).map(({ at }) => at));
    others.push(...(await theirs).map(({ at }) => at));
    all.push(replies.at(-1)!.at);
  }
  notes.add(`order.${order}.own`, median(own), "ms");
  notes.add(`order.${order}.others`, median(others), "ms");
  notes.add(`order.${order}.last`, median(all), "ms");
}
