/** The tools of `hsha connect`: cutting replies into lines, timing them, showing them safely. */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { LineSplitter, Stopwatch } from "../lib/cli/line_client.ts";
import { printable } from "../lib/cli/terminal.ts";

Deno.test("LineSplitter cuts lines wherever the chunks are cut", () => {
  const splitter = new LineSplitter();
  const decoder = new TextDecoder();
  const lines: string[] = [];
  for (const chunk of ["", "a", "b\nc", "\n", "\n\nd"]) {
    for (const line of splitter.push(new TextEncoder().encode(chunk))) {
      lines.push(decoder.decode(line));
    }
  }
  assertEquals(lines, ["ab", "c", "", ""]);
  assertEquals(decoder.decode(splitter.end()), "d");
  assertEquals(splitter.end().length, 0);
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

Deno.test("printable shows control characters instead of obeying them", () => {
  const show = (text: string) => printable(new TextEncoder().encode(text));
  assertEquals(show("1 hello\tworld\r"), "1 hello\tworld");
  assertEquals(show("\x1b[2J\x07\x7f\u009b"), "␛[2J␇␡�");
  assertEquals(printable(Uint8Array.of(0xff, 0x41)), "�A");
  assertStringIncludes(show("\ufeffmark"), "\ufeff");
});
