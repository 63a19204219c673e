/**
 * Asks a server a few lines and looks at what comes back: the check of every peer before it is
 * measured, and in the tests.
 */

import { createHash } from "node:crypto";
import { LineClient } from "../tools/line_client.ts";
import type { Job } from "./modes.ts";

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
 * @throws {Error} If nothing comes for 20 seconds, or the server closes before all replies are there.
 */
export async function ask({ port, chunks, replies, halfClose }: AskOptions): Promise<string[]> {
  using client = await LineClient.connect({ transport: "tcp", hostname: "127.0.0.1", port });
  const received = replies === undefined
    ? client.restText().then((text) => text.split("\n"))
    : client.replies(replies);
  const sent = (async () => {
    for (const chunk of chunks) await client.send(chunk);
    if (halfClose) await client.finish();
  })();
  const [answer] = await Promise.all([received, sent]);
  return answer;
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
