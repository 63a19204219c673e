/**
 * What fronts and nodes say to each other over a bus: the subjects, the messages and their form. A front is
 * a server that has clients; a node is a machine that runs jobs.
 *
 * A message is one line of JSON and, behind it, bytes. A link joins one front and one node, and has an ID of
 * its own; what names no link that is known counts for nothing.
 */

import { Buffer } from "node:buffer";
import type { RunKind } from "../../queueing/executor.ts";

/** Fronts and nodes of different versions do not work together. */
export const VERSION = 1;

/** A front pings each of its nodes so often, in milliseconds. */
export const PING = 50;

/** A front does not rely on a node that has been silent for so long, in milliseconds. */
export const SILENCE = 400;

/**
 * A node may start lines of a front for so long, in milliseconds, from when the front sent its last ping.
 * It goes by the front's clock, of which it knows the smallest difference that it has seen.
 */
export const LEASE = 250;

/** Bytes of a message that are kept for its head, when one line or one reply fills it. */
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

/** A node as it tells of itself. */
export interface Hello {
  type: "hello";
  version: number;
  /** Another one at each start. */
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

/** As many workers a node may have. */
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
  /** Runs, their texts behind it. */
  | { type: "batch"; link: string; at: number; batch: number; cost: number; runs: WireRun[] }
  /** The link ends: no batch comes any more, and no reply is waited for. */
  | { type: "bye"; link: string };

/**
 * What became of runs of a batch:
 * the next lines of a run are answered, by so many bytes, which stand behind the message;
 * so many bytes, which stand there, are the beginning of the next answer of a run, or its continuation;
 * a run took so many microseconds, and began so many milliseconds ago;
 * the line under way has kept its worker for so many microseconds;
 * lines of a run, from one on, have not been started, and will not be;
 * nothing more comes of a batch;
 * a batch came too late, or to a link that has ended: none of it was started.
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

/** A message of this head, and these bytes behind it. */
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

/** A message, and the bytes behind its head; `undefined` for what is none. */
export function decode(bytes: Uint8Array): { head: Message; rest: Uint8Array } | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
  try {
    const head: unknown = JSON.parse(line);
    if (typeof head !== "object" || head === null || !("type" in head)) return undefined;
    // Everything published on these subjects comes from our own programs, and is checked all the same.
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
  // Measured elsewhere: a loop takes a fifth of the time of Buffer's latin1 writer.
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
