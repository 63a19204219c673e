/** Line blocks against plain arrays of lines. */

import { assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import { LineBlock } from "../lib/queueing/line_block.ts";
import { strings } from "./helpers/chunkings.ts";

/** Every text of up to six bytes of which each may be a line end, as a block has it. */
const TEXTS = [...strings("a\n", 6)];

Deno.test("LineBlock knows its lines and their size, empty ones too", () => {
  for (const text of TEXTS) {
    const lines = text.split("\n");
    const block = new LineBlock(text, lines.length);
    assertEquals(block.lines(), lines);
    assertEquals(block.size, lines.reduce((size, line) => size + line.length + 1, 0));
  }
  assertEquals([LineBlock.EMPTY.count, LineBlock.EMPTY.size], [0, 0]);
});

Deno.test("LineBlock.splitAt cuts behind any line but the last, and concat joins again", () => {
  for (const text of TEXTS) {
    const lines = text.split("\n");
    const longest = Math.max(...lines.map((line) => line.length));
    const block = new LineBlock(text, lines.length, longest);
    for (let count = 1; count < lines.length; count++) {
      const [head, tail] = block.splitAt(count);
      assertEquals([head.lines(), tail.lines()], [lines.slice(0, count), lines.slice(count)]);
      assertEquals([head.count, tail.count], [count, lines.length - count]);
      assertEquals(head.size + tail.size, block.size);
      const joined = head.concat(tail);
      assertEquals([joined.text, joined.count, joined.longest], [text, lines.length, longest]);
      for (const part of [head, tail]) {
        for (const line of part.lines()) assertLessOrEqual(line.length, part.longest);
      }
    }
  }
});

Deno.test("LineBlock.fitting gives as many lines as fit", () => {
  for (const text of TEXTS) {
    const block = new LineBlock(text, text.split("\n").length);
    const sizeOf = (count: number) =>
      count === block.count ? block.size : block.splitAt(count)[0].size;
    for (let bytes = 0; bytes <= block.size + 1; bytes++) {
      let fits = 0;
      while (fits < block.count && sizeOf(fits + 1) <= bytes) fits++;
      assertStrictEquals(block.fitting(bytes), fits, JSON.stringify({ text, bytes }));
    }
  }
});

Deno.test("LineBlock.parted parts lines that pass a test from the others, and keeps their order", () => {
  for (const text of TEXTS) {
    const block = new LineBlock(text, text.split("\n").length);
    const parts = [...block.parted((line) => line.length <= 1)];
    assertEquals(parts.flatMap((part) => part.lines()), block.lines());
    for (const [place, part] of parts.entries()) {
      const fit = part.lines().map((line) => line.length <= 1);
      assertEquals(new Set(fit).size, 1);
      assertEquals(part.longest, Math.max(...part.lines().map((line) => line.length)));
      if (place > 0) assertEquals(fit[0], parts[place - 1].longest > 1, "no two parts are alike");
    }
  }
});
