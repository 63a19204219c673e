/** The three stages of the framing, against the trivial reference, exhaustively. */

import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { LengthLimiter } from "../lib/half_async/length_limiter.ts";
import { LineFramer } from "../lib/half_async/line_framer.ts";
import { NewlineNormalizer, type NormalizedChunk } from "../lib/half_async/newline_normalizer.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import { chunkings, linesOf, strings } from "./helpers/chunkings.ts";
import { byteString } from "../scripts/tools/line_client.ts";
import { LONG } from "./helpers/long.ts";

const NO_LIMIT = 1000;

/** "é" and "😀" as byte strings. */
const [ACCENT, EMOJI] = ["é", "😀"].map((text) => byteString(new TextEncoder().encode(text)));

/** The lines that end in a prefix of a stream, of which a CR is an end at once. */
function endedIn(prefix: string): string[] {
  return prefix.split(/\r\n|\r|\n/).slice(0, -1);
}

/** Feeds a framer or a normaliser with a byte string. */
function feed<T>(write: (bytes: Buffer, length: number) => T, chunk: string): T {
  const bytes = Buffer.from(`${chunk}rest of a longer chunk\r\n`, "latin1"); // not to be looked at
  return write(bytes, chunk.length);
}

/** The lines a framer makes of chunks; each is checked to come with the chunk that ends it. */
async function frame(chunks: string[], maxLine = NO_LIMIT): Promise<string[]> {
  const framer = new LineFramer(maxLine);
  const lines: string[] = [];
  let fed = "";
  for (const chunk of chunks) {
    fed += chunk;
    const block = await feed((bytes, length) => framer.write(bytes, length), chunk);
    assertEquals(block.count, block.count > 0 ? block.lines().length : 0);
    if (block.count > 0) lines.push(...block.lines());
    if (block.longest < longestOf(block.text)) {
      assertLessOrEqual(longestOf(block.text), block.longest);
    }
    same(lines, cut(endedIn(fed), maxLine), chunks);
  }
  const last = await framer.end();
  return last.count > 0 ? [...lines, ...last.lines()] : lines;
}

/** Lines as a framer gives them: of one that is too long, the limit and one byte more. */
function cut(lines: string[], maxLine: number): string[] {
  return lines.map((line) => line.slice(0, maxLine + 1));
}

/** A chunk as the normaliser gives it. */
function chunkOf(text: string): NormalizedChunk {
  const ends = text.split("\n").length - 1;
  return { text, ends, last: text.lastIndexOf("\n"), longest: longestOf(text) };
}

/** Length of the longest piece between line ends. */
function longestOf(text: string): number {
  return Math.max(...text.split("\n").map(({ length }) => length));
}

/** Compares without the cost of `assertEquals`, which is called once it is known to fail. */
function same<T>(actual: T, expected: T, chunks: string[]): void {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value));
  if (left !== right) assertEquals(actual, expected, JSON.stringify(chunks));
}

Deno.test("NewlineNormalizer equals the reference after every chunk of all chunkings up to length 6", () => {
  let count = 0;
  for (const text of strings("a\r\n", 6)) {
    for (const chunks of chunkings(text)) {
      const normalizer = new NewlineNormalizer();
      let [fed, out] = ["", ""];
      for (const chunk of chunks) {
        fed += chunk;
        const normalized = feed((...bytes) => normalizer.normalize(...bytes), chunk);
        const { text } = normalized;
        same(normalized, chunkOf(text), chunks);
        out += text;
        same(out, fed.replaceAll(/\r\n|\r/g, "\n"), chunks);
      }
      count++;
    }
  }
  assertEquals(count, 27_994); // the 27 993 of the others, and the empty string
});

Deno.test("NewlineNormalizer keeps its memory of a CR when an empty chunk comes", () => {
  const normalizer = new NewlineNormalizer();
  const out = ["a\r", "", "\nb"].map((chunk) =>
    feed((...bytes) => normalizer.normalize(...bytes), chunk).text
  );
  assertEquals(out, ["a\n", "", "b"]);
});

Deno.test(
  "LengthLimiter cuts each line to the limit and one in all chunkings up to length 8",
  LONG,
  () => {
    for (const max of [1, 2, 3, 4]) {
      for (const text of strings("a\n", 8)) {
        const expected = cut(text.split("\n"), max).join("\n");
        for (const chunks of chunkings(text)) {
          const limiter = new LengthLimiter(max);
          let kept = "";
          for (const chunk of chunks) {
            const { longest, ...limited } = limiter.limit(chunkOf(chunk));
            const { text } = limited;
            same({ ...limited, longest: longestOf(text) }, chunkOf(text), chunks);
            if (longest < longestOf(text)) assertLessOrEqual(longestOf(text), longest);
            kept += text;
          }
          same(kept, expected, chunks);
        }
      }
    }
  },
);

Deno.test("LengthLimiter passes on a chunk longer than the limit as it is, if no line is", () => {
  const chunk = chunkOf("line\n".repeat(20));
  assertStrictEquals(new LengthLimiter(4).limit(chunk), chunk);
  assert(new LengthLimiter(3).limit(chunk) !== chunk);
});

Deno.test("LengthLimiter never passes on more than the limit and one of a line without an end", () => {
  const limiter = new LengthLimiter(10);
  let passed = 0;
  for (let chunk = 0; chunk < 1000; chunk++) {
    passed += limiter.limit(chunkOf("x".repeat(7))).text.length;
  }
  assertEquals(passed, 11);
  assertEquals(limiter.limit(chunkOf("x\ny")).text, "\ny");
});

Deno.test("LineFramer equals the reference for all chunkings up to length 6", async () => {
  for (const text of strings("a\r\n", 6)) {
    const expected = linesOf(text);
    for (const chunks of chunkings(text)) same(await frame(chunks), expected, chunks);
  }
});

Deno.test("LineFramer equals the reference where chunks split a UTF-8 character", async () => {
  for (const text of strings(`${ACCENT}\r\n`, 5, 1)) {
    const expected = linesOf(text);
    for (const chunks of chunkings(text)) same(await frame(chunks), expected, chunks);
  }
});

Deno.test("LineFramer equals the reference where chunks split a character of four bytes", async () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    const text = `${EMOJI}${end}${ACCENT}${end}`;
    for (const chunks of chunkings(text)) same(await frame(chunks), [EMOJI, ACCENT], chunks);
  }
});

Deno.test("LineFramer marks a line over the limit at every length, end and chunk boundary", async () => {
  for (const max of [1, 2, 4]) {
    for (const length of [max - 1, max, max + 1, max + 2]) {
      for (const end of ["\n", "\r", "\r\n", ""]) {
        const text = `b${end || "\n"}${"a".repeat(length)}${end}`;
        const expected = cut(linesOf(text), max);
        for (const chunks of chunkings(text)) same(await frame(chunks, max), expected, chunks);
      }
    }
  }
});

Deno.test("LineFramer counts the limit in bytes, not in characters", async () => {
  assertEquals(await frame([`${ACCENT}\n${ACCENT}${ACCENT}\n`], 2), [ACCENT, `${ACCENT}\xc3`]);
});

Deno.test(
  "LineFramer keeps no more of an endless line than its limit, however it comes",
  LONG,
  async () => {
    // Once each chunk that came without a line end was kept in a queue, the empty ones too.
    const framer = new LineFramer(100);
    const write = (chunk: string) => feed((...bytes) => framer.write(...bytes), chunk);
    await write("x".repeat(200));
    const before = Deno.memoryUsage().heapUsed;
    for (let chunk = 0; chunk < 500_000; chunk++) await write("x");
    assertLess(Deno.memoryUsage().heapUsed - before, 30_000_000);
    assertEquals((await write("\n")).lines(), ["x".repeat(101)]);
  },
);

Deno.test("LineFramer gives the lines that a chunk holds whole at once, before and after a torn one", async () => {
  const framer = new LineFramer(NO_LIMIT);
  const write = (chunk: string) => feed((...bytes) => framer.write(...bytes), chunk);
  const atOnce = (chunk: string) => {
    const block = write(chunk);
    assertInstanceOf(block, LineBlock);
    return block.lines();
  };
  assertEquals(atOnce("a\r\nb\r"), ["a", "b"]);
  assertEquals(atOnce("\nc\n"), ["c"]);
  assertEquals((await write("d\ne")).lines(), ["d"]);
  assertEquals((await write("f\n")).lines(), ["ef"]);
  assertEquals(atOnce("\n\n"), ["", ""]);
});

Deno.test("LineFramer keeps all 256 byte values but CR and LF", async () => {
  const others = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    .filter((unit) => unit !== "\n" && unit !== "\r").join("");
  assertEquals(await frame([`${others}\n`, others]), [others, others]);
});
