/** What processes count, added up: the parts of a snapshot that have a sum. */

import { Histogram } from "../observe/histogram.ts";
import type { HistogramData, ProcessShown, Snapshot, TimesShown } from "../observe/snapshot.ts";

/** The parts of a snapshot that can be added to those of another. */
export type Account = Pick<
  Snapshot,
  | "lines"
  | "connections"
  | "bytes"
  | "queue"
  | "held"
  | "replacements"
  | "abandoned"
  | "times"
  | "process"
>;

const NO_TIMES: HistogramData = { buckets: [], counts: [], sum: 0 };

/** The account of no process. */
export const EMPTY: Account = {
  lines: { accepted: 0, answered: 0, failed: 0, gone: 0, unanswered: 0 },
  connections: { open: 0, paused: 0, total: 0, refused: 0 },
  bytes: { received: 0, sent: 0, unread: 0 },
  queue: { lines: 0, bytes: 0, byteLimit: 0 },
  held: { replies: 0, bytes: 0 },
  replacements: {},
  abandoned: 0,
  times: { wait: NO_TIMES, job: NO_TIMES, line: NO_TIMES },
  process: { cpuSeconds: 0, rssBytes: 0, loopLagSeconds: 0 },
};

/** The sum of two accounts. Of two event loops the later one counts, of two sets of descriptors the scarcer. */
export function plus(one: Account, other: Account): Account {
  return {
    lines: added(one.lines, other.lines),
    connections: added(one.connections, other.connections),
    bytes: added(one.bytes, other.bytes),
    queue: added(one.queue, other.queue),
    held: added(one.held, other.held),
    replacements: added(one.replacements, other.replacements),
    abandoned: one.abandoned + other.abandoned,
    times: together(one.times, other.times),
    process: beside(one.process, other.process),
  };
}

/**
 * What is left of a process that has ended: its counts. Lines that it had not answered are gone, and so is
 * everything that it held.
 */
export function left(
  { lines, connections, bytes, replacements, times, process }: Account,
): Account {
  const { accepted, answered, failed } = lines;
  return {
    ...EMPTY,
    lines: { ...lines, gone: accepted - answered - failed, unanswered: 0 },
    connections: { ...connections, open: 0, paused: 0 },
    bytes: { ...bytes, unread: 0 },
    replacements,
    times,
    process: { ...EMPTY.process, cpuSeconds: process.cpuSeconds },
  };
}

function added<T extends { readonly [K in keyof T]: number }>(one: T, other: T): T {
  const sum: Record<string, number> = { ...one };
  for (const [name, value] of Object.entries<number>(other)) sum[name] = (sum[name] ?? 0) + value;
  return sum as T; // sound: it has the fields of both, and all are numbers
}

/** The times of both together. */
export function together(one: TimesShown, other: TimesShown): TimesShown {
  const sum = (name: keyof TimesShown) => {
    if (other[name].buckets.length === 0) return one[name];
    const histogram = new Histogram();
    histogram.addData(one[name]);
    histogram.addData(other[name]);
    return histogram.toData();
  };
  return { wait: sum("wait"), job: sum("job"), line: sum("line") };
}

function beside(one: ProcessShown, other: ProcessShown): ProcessShown {
  const { openDescriptors, maxDescriptors } = scarcity(one) >= scarcity(other) ? one : other;
  return {
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    rssBytes: one.rssBytes + other.rssBytes,
    ...openDescriptors !== undefined && { openDescriptors },
    ...maxDescriptors !== undefined && { maxDescriptors },
    loopLagSeconds: Math.max(one.loopLagSeconds, other.loopLagSeconds),
  };
}

/** The share of its descriptors that a process uses. */
function scarcity({ openDescriptors, maxDescriptors = Infinity }: ProcessShown): number {
  return openDescriptors === undefined ? -1 : openDescriptors / maxDescriptors;
}
