/**
 * What fronts and nodes say to each other over a bus: the subjects, the messages and their form. A front is
 * a server that has clients; a node is a machine that runs jobs.
 *
 * A message is one line of JSON and, after it, bytes. A link joins one front and one node, and has an ID of
 * its own; a message that names an unknown link is ignored.
 */

import { Buffer } from "node:buffer";
import type { RunKind } from "../../queueing/executor.ts";

/** Fronts and nodes of different versions do not work together. */
export const VERSION = 1;

/** Milliseconds from one ping of a front to each of its nodes to the next. */
export const PING = 50;

/** A front does not rely on a node that has been silent for so many milliseconds. */
export const SILENCE = 400;

/**
 * A node may start a front's lines for so many milliseconds after the front has sent its last ping. It goes
 * by the front's clock: by its own, and the smallest difference between the two that it has seen.
 */
export const LEASE = 250;

/** Bytes of a message that are kept for its head, where one line or one reply fills the rest. */
const HEAD = 2048;

/** The longest line, and the longest reply, that a message of `maxPayload` bytes holds. */
export function longestIn(maxPayload: number): number {
  return Math.max(1, maxPayload - HEAD);
}

/** The subjects of a service. */
export class Subjects {
  readonly #root: string;

  constructor(service: string) {
    this.#root = `hsha.${service}`;
  }

  /** What nodes tell all fronts. */
  get nodes(): string {
    return `${this.#root}.nodes`;
  }

  /** What fronts ask all nodes. */
  get fronts(): string {
    return `${this.#root}.fronts`;
  }

  /** What is for one node. */
  node(id: string): string {
    return `${this.#root}.node.${id}`;
  }

  /** What is for one front: of a link, about its batch of this number; 0: about no batch. */
  front(id: string, link = "*", batch: number | "*" = "*"): string {
    return `${this.#root}.front.${id}.${link}.${batch}`;
  }
}

/** What a node tells of itself. */
export interface Hello {
  type: "hello";
  version: number;
  /** Its ID, another one at each start. */
  node: string;
  /** What people call it. */
  name: string;
  workers: number;
  /** What its handler exports. */
  open: boolean;
  defaults?: unknown;
  /** Its limits: seconds of a job (0: none), bytes of a reply. */
  jobTimeout: number;
  maxReply: number;
}

/** The most workers that a node may have. */
const MOST_WORKERS = 1024;

/** Whether a node speaks as fronts of this version do. */
export function isFit({ version, workers }: Hello): boolean {
  return version === VERSION && Number.isInteger(workers) && workers >= 1 &&
    workers <= MOST_WORKERS;
}

/** A run on its way: kind, lines, bytes of their text, connection, client's address. */
export type WireRun = [kind: RunKind, count: number, size: number, number: number, addr: string];

/** From a front to a node; `at` is the front's clock. */
export type ToNode =
  /** The node does not suit the front. */
  | { type: "refuse"; reason: string }
  /** A link begins. `process` is what IDs of the front's connections begin with. */
  | { type: "open"; link: string; front: string; process: string; at: number }
  /** Batches sent so far. */
  | { type: "ping"; link: string; at: number; sent: number }
  /** Runs; the bytes of their texts follow the head. */
  | { type: "batch"; link: string; at: number; batch: number; cost: number; runs: WireRun[] }
  /** The link ends: no batch comes any more, and no reply is waited for. */
  | { type: "bye"; link: string };

/**
 * What became of runs of a batch. The bytes of answers and parts follow the message's head.
 *
 * - `answer`: the next lines of a run are answered, by so many bytes;
 * - `part`: so many bytes begin the next answer of a run, or continue it;
 * - `took`: a run took so many microseconds, and began so many milliseconds ago;
 * - `stalled`: the line under way has kept its worker for so many microseconds;
 * - `back`: the lines of a run from this one on were not started, and will not be;
 * - `done`: nothing more comes of a batch;
 * - `refused`: none of a batch was started: it came too late.
 */
export type WireRecord =
  | [
    what: "answer",
    batch: number,
    run: number,
    lines: number,
    failed: number,
    ends: 0 | 1,
    size: number,
  ]
  | [what: "part", batch: number, run: number, size: number]
  | [what: "took", batch: number, run: number, micros: number, age: number]
  | [what: "stalled", batch: number, run: number, micros: number]
  | [what: "back", batch: number, run: number, from: number]
  | [what: "done", batch: number]
  | [what: "refused", batch: number];

/** From a node to a front. `grant`: on so many workers the front may have lines. */
export type ToFront =
  | { type: "opened"; link: string; at: number; grant: number }
  /** The answer to a ping: whether all batches have come, and how many `told` messages were sent. */
  | { type: "pong"; link: string; at: number; complete: boolean; told: number; grant: number }
  | { type: "told"; link: string; records: WireRecord[]; grant: number }
  /** The node takes no batch any more, and does those that it has. */
  | { type: "leaving"; link: string }
  /** The link is over: nothing of it will be started. */
  | { type: "closed"; link: string };

/** A front asks which nodes there are. */
export interface Call {
  type: "call";
}

/** A front asks itself whether the bus is there. */
export interface Echo {
  type: "echo";
  at: number;
}

/** Every message. */
export type Message = Hello | ToNode | ToFront | Call | Echo;

const encoder = new TextEncoder();
const EMPTY = new Uint8Array();

/** A message with this head, and these bytes after it. */
export function encode(head: Message, ...parts: readonly Uint8Array[]): Uint8Array {
  const line = encoder.encode(`${JSON.stringify(head)}\n`);
  if (parts.length === 0) return line;
  const size = parts.reduce((sum, { length }) => sum + length, line.length);
  const bytes = new Uint8Array(size);
  bytes.set(line);
  let at = line.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A message's head, and the bytes after it; `undefined` if it is no message. */
export function decode(bytes: Uint8Array): { head: Message; rest: Uint8Array } | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
  try {
    const head: unknown = JSON.parse(line);
    if (typeof head !== "object" || head === null || !("type" in head)) return undefined;
    // Only our own programs publish on these subjects. What makes no sense all the same ends its link.
    return { head: head as Message, rest: bytes.subarray(end + 1) };
  } catch {
    return undefined;
  }
}

/** The bytes of a byte string, one for each code unit. */
export function bytesOf(text: string): Uint8Array {
  if (text === "") return EMPTY;
  const bytes = new Uint8Array(text.length);
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read === text.length && written === text.length) return bytes; // it is ASCII
  // Measured: a loop takes a fifth of the time of Buffer's latin1 writer.
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The byte string of bytes. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** A new ID, for a front, a node or a link. */
export function newId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}
