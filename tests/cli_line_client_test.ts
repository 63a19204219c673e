/** The tools of `hsha connect`: cutting replies into lines, timing them. */

import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { LineSplitter, Stopwatch, TimeStamp } from "../lib/cli/replies.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The pieces that chunks are cut into: `+` stands before one that does not begin its line. */
function piecesOf(splitter: LineSplitter, ...chunks: string[]): string[] {
  return chunks.flatMap((chunk) => [...splitter.push(bytes(chunk))])
    .map(({ line, begins }) => `${begins ? "" : "+"}${text(line)}`);
}

Deno.test("LineSplitter cuts lines wherever the chunks are cut", () => {
  const splitter = new LineSplitter(100);
  assertEquals(piecesOf(splitter, "", "a", "b\nc", "\n", "\n\nd"), ["ab", "c", "", ""]);
  assertEquals(text(splitter.end()), "d");
  assertEquals(splitter.end().length, 0);
});

Deno.test("LineSplitter keeps no line that is long, and says which piece begins one", () => {
  const splitter = new LineSplitter(4);
  const pieces = piecesOf(splitter, "ab", "cde", "f", "ghi", "\nj\n");
  assertEquals(pieces, ["abcde", "+fghi", "+", "j"]);
});

Deno.test("TimeStamp marks where lines begin, and keeps nothing of them", () => {
  let n = 0;
  const stamp = new TimeStamp(() => `${++n} `);
  const marked = ["a", "b\nc", "\n", "\nd\n", "e"].map((chunk) => text(stamp.mark(bytes(chunk))));
  assertEquals(marked, ["1 a", "b\n2 c", "\n", "3 \n4 d\n", "5 e"]);
});

Deno.test("Stopwatch knows a line's end from the middle of one", () => {
  const watch = new Stopwatch();
  const send = (text: string) => watch.sent(new TextEncoder().encode(text));
  send("one\r");
  send("\ntwo\r\r");
  send("four");
  watch.ended();
  for (let line = 1; line <= 4; line++) assert(watch.answered() !== undefined, `line ${line}`);
  assertEquals(watch.answered(), undefined);
});

Deno.test("Stopwatch measures the time from a line's sending to its reply", () => {
  const watch = new Stopwatch();
  const before = performance.now();
  watch.sent(new TextEncoder().encode("one\n"));
  const sent = performance.now();
  while (performance.now() < sent + 2);
  const took = watch.answered() ?? NaN;
  assertGreaterOrEqual(took, 2);
  assertLessOrEqual(took, performance.now() - before);
});
