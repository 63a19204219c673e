/**
 * Random bytes in random pieces: the way in of a connection against a reference, and the whole server.
 * TEST_SEED repeats a run; the names of the tests show the seed.
 */

import { assertEquals } from "@std/assert";
import { clearImmediate, setImmediate } from "node:timers";
import { Intake } from "../lib/half_async/intake.ts";
import { linesOf } from "./helpers/chunkings.ts";
import { bytesOf, byteString, LineClient } from "../scripts/tools/line_client.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import { startServer } from "./helpers/server.ts";

const ALPHABETS = [
  "a\r\n",
  "\r\n",
  "ab\n",
  "\0\x01\x7f\x80\x85\xa0\xff\r\n",
  "\xe2\x80\xa8\xef\xbb\xbf\xf0\x9d\x84\x9e\r\n",
  Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join(""),
];

/** A random byte string: noise, or long lines, or thousands of empty ones. */
function noise(chance: Chance): string {
  const alphabet = chance.pick(ALPHABETS);
  let text = "";
  for (let part = chance.integer(0, 6); part > 0; part--) {
    const kind = chance.next();
    if (kind < 0.6) {
      for (let left = chance.integer(0, 40); left > 0; left--) text += chance.pick([...alphabet]);
    } else if (kind < 0.8) {
      text += "x".repeat(chance.integer(0, 20_000));
    } else {
      text += chance.pick(["\n", "\r", "\r\n", "ab\n", "\n\r"]).repeat(chance.integer(0, 3000));
    }
  }
  return text;
}

/** What a framing gives for a text: its lines, those over the limit cut to it and one byte. */
function expected(text: string, maxLine: number): string[] {
  return linesOf(text).map((line) => line.slice(0, maxLine + 1));
}

/** A connection that has this to read, in random pieces, and that sometimes makes the reader wait. */
function fakeConn(text: string, chance: Chance): Deno.Conn {
  const bytes = bytesOf(text);
  const most = chance.pick(
    [1, 2, 7, 100, 5000, 100_000].filter((size) => size > text.length / 2000),
  );
  let at = 0;
  const read = async (buffer: Uint8Array): Promise<number | null> => {
    if (chance.happens(0.01)) await new Promise((resolve) => setTimeout(resolve, 0));
    if (at === bytes.length) return null;
    const piece = bytes.subarray(at, at + Math.min(buffer.length, chance.integer(1, most)));
    buffer.set(piece);
    at += piece.length;
    return piece.length;
  };
  return { read } as unknown as Deno.Conn;
}

Deno.test(`Intake equals the reference for random bytes in random pieces (TEST_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED);
  for (let round = 0; round < 200; round++) {
    const text = noise(chance).slice(0, chance.pick([20, 500, 20_000]));
    const maxLine = chance.pick([1, 2, 3, 100, 65536]);
    const accepted: string[] = [];
    const ended = Promise.withResolvers<void>();
    const intake = new Intake(fakeConn(text, chance), maxLine, {
      room: () => chance.happens(0.2) ? 0 : chance.integer(1, 500),
      accept: (lines) => void accepted.push(...lines.lines()),
      ended: () => ended.resolve(),
      broke: (error) => ended.reject(error),
    });
    void intake.run();
    let resumes = setImmediate(function resume() {
      intake.resume();
      resumes = setImmediate(resume);
    });
    await ended.promise;
    clearImmediate(resumes);
    assertEquals(accepted.length, expected(text, maxLine).length, `round ${round}`);
    assertEquals(accepted, expected(text, maxLine), `round ${round}`);
  }
});

Deno.test(`serve gives every client its own bytes back (TEST_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED + 1);
  const maxLine = 5000;
  await using server = await startServer({
    maxLine,
    queueLimit: 50,
    source: "export default (line) => line;",
  });
  const clients = Array.from({ length: 60 }, async (_, number) => {
    const text = noise(chance);
    using client = await LineClient.connect(server.addr);
    const received = client.rest();
    const bytes = bytesOf(text);
    for (let at = 0; at < bytes.length;) {
      const end = at + chance.integer(1, chance.pick([3, 100, 10_000]));
      await client.send(bytes.subarray(at, end));
      if (chance.happens(0.1)) await new Promise((resolve) => setTimeout(resolve, 1));
      at = end;
    }
    await client.finish();
    const tooLong = `ERR line longer than the limit of ${maxLine} bytes`;
    const replies = linesOf(text).map((line) => `${line.length > maxLine ? tooLong : line}\n`);
    assertEquals(byteString(await received), replies.join(""), `client ${number}`);
  });
  await Promise.all(clients);
  const { accepted, answered, failed, gone } = server.server.counters;
  assertEquals(accepted, answered + failed + gone);
});
