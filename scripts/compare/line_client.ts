/**
 * A raw line client on one TCP connection, to ask a server a few lines and look at what comes
 * back: the check of every peer before it is measured, and in the tests.
 */

import { createHash } from "node:crypto";
import type { Job } from "./modes.ts";

/** Seconds that an exchange may take. */
const LIMIT = 15;

/** Options of {@linkcode ask}. */
export interface AskOptions {
  port: number;
  /** Each is a write of its own. */
  chunks: readonly string[];
  /** Replies to wait for; left out: all until the server closes. */
  replies?: number;
  /** Ends the client's half of the connection after the last chunk. @default {false} */
  halfClose?: boolean;
}

/**
 * Sends chunks over a connection of its own and collects the replies.
 *
 * @returns The reply lines without their `\n`; an unterminated rest is the last of them.
 * @throws {Error} If they do not come within 15 seconds.
 */
export async function ask({ port, chunks, replies, halfClose }: AskOptions): Promise<string[]> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    conn.close();
  }, LIMIT * 1000);
  const received = collect(conn, replies ?? Infinity);
  try {
    for (const chunk of chunks) await writeAll(conn, new TextEncoder().encode(chunk));
    if (halfClose) await conn.closeWrite();
    return await received;
  } catch (error) {
    await received.catch(() => {});
    if (late) throw new Error(`no answer within ${LIMIT} s`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Checks that a server does the job: the right replies, in the order of the lines, and all of them
 * at a half-close, an unterminated last line among them.
 *
 * @returns What is wrong; `undefined` when nothing is.
 */
export async function checkJob(options: { port: number; job: Job }): Promise<string | undefined> {
  const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`);
  const chunks = [lines.join("\n")];
  const replies = await ask({ port: options.port, chunks, halfClose: true });
  const end = replies.pop();
  if (end !== "") return `its last reply has no end: ${JSON.stringify(end)}`;
  if (replies.length !== lines.length) return `${replies.length} replies to ${lines.length} lines`;
  for (const [index, reply] of replies.entries()) {
    const expected = expectedReply(lines[index], options.job);
    if (!expected.test(reply)) return `the reply to ${JSON.stringify(lines[index])} is ${reply}`;
  }
  return undefined;
}

/** What a reply must look like: the worker's ID is free. */
export function expectedReply(line: string, job: Job): RegExp {
  const body = job === "echo" ? line.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&") : digest(line);
  return new RegExp(`^\\d+ ${body}$`);
}

function digest(line: string): string {
  let bytes = createHash("sha256").update(line).digest();
  for (let round = 2; round <= 200; round++) bytes = createHash("sha256").update(bytes).digest();
  return bytes.toString("hex");
}

async function collect(conn: Deno.Conn, wanted: number): Promise<string[]> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  let seen = 0;
  while (seen < wanted) {
    const count = await conn.read(buffer);
    if (count === null) return text.split("\n");
    const part = decoder.decode(buffer.subarray(0, count), { stream: true });
    for (let at = part.indexOf("\n"); at !== -1; at = part.indexOf("\n", at + 1)) seen++;
    text += part;
  }
  return text.split("\n").slice(0, -1);
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}
