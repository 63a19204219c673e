/** The line editor of `hsha connect`: keys in, lines out. */

import { assertEquals } from "@std/assert";
import { LineEditor } from "../lib/cli/line_editor.ts";

/** An editor whose events end up in a list. */
function newEditor() {
  const events: string[] = [];
  const editor = new LineEditor({
    onLine: (line) => events.push(line),
    onEnd: () => events.push("<end>"),
    onInterrupt: () => events.push("<interrupt>"),
    onSuspend: () => events.push("<suspend>"),
    onClear: () => events.push("<clear>"),
  });
  return { editor, events };
}

/** What is typed, and the line as it is then, with `|` for the cursor. */
const EDITS: readonly (readonly [name: string, keys: string, line: string])[] = [
  ["plain text", "abc", "abc|"],
  ["a tab", "a\tb", "a\tb|"],
  ["backspace", "abc\x7f\b", "a|"],
  ["backspace on nothing", "\x7f\x7fa", "a|"],
  ["arrows", "abc\x1b[D\x1bOD\x1b[C", "ab|c"],
  ["arrows beyond the ends", "a\x1b[D\x1b[D\x1b[C\x1b[C\x1b[C", "a|"],
  ["home and end", "abc\x1b[Hx\x1b[Fy\x01<\x05>", "<xabcy>|"],
  ["delete", "abc\x1b[H\x1b[3~\x04", "|c"],
  ["Ctrl-U and Ctrl-K", "abcdef\x02\x02\x15\x1b[C\x0b", "e|"],
  ["words", "one two  three\x1bb\x1b[1;5D\x1bfX", "one twoX|  three"],
  ["Ctrl-W", "one two  \x17", "one |"],
  ["a character of several code points", "a👩‍👩‍👧e\u0301\x7f\x7f", "a|"],
  ["an arrow over one", "👩‍👩‍👧\x1b[Da", "a|👩‍👩‍👧"],
  ["keys without a meaning", "a\x1b[5~\x1b[24~\x1bx\x00\x07\x16b", "ab|"],
  ["names that objects have", "toString", "toString|"],
];

for (const [name, keys, line] of EDITS) {
  Deno.test(`LineEditor edits by ${name}, however the keys are torn`, () => {
    const whole = newEditor().editor;
    whole.type(keys);
    assertEquals(`${whole.before}|${whole.after}`, line);
    const torn = newEditor().editor;
    for (const unit of keys.match(/[\ud800-\udbff]?[^]/g) ?? []) torn.type(unit);
    assertEquals(`${torn.before}|${torn.after}`, line);
  });
}

Deno.test("LineEditor takes pasted lines with each kind of end, and only those", () => {
  const { editor, events } = newEditor();
  editor.type("a\rb\r\nc\nd\r");
  editor.type("\n\u2028e\u0085\u2029f\x0b\r");
  assertEquals(events, ["a", "b", "c", "d", "\u2028e\u0085\u2029f"]);
});

Deno.test("LineEditor takes a paste of a million characters in pieces of 4 KiB", () => {
  const { editor, events } = newEditor();
  for (let i = 0; i < 256; i++) editor.type("x".repeat(4096));
  editor.type("\r");
  assertEquals([events.length, events[0].length], [1, 2 ** 20]);
});

Deno.test("LineEditor has a history, and keeps the line that was begun", () => {
  const { editor, events } = newEditor();
  editor.type("one\rtwo\rtwo\r\rnew");
  const seen: string[] = [];
  for (const key of ["\x1b[A", "\x1b[A", "\x1b[A", "\x1b[B", "\x1b[B", "\x1b[B"]) {
    editor.type(key);
    seen.push(editor.before);
  }
  assertEquals(seen, ["two", "one", "one", "two", "new", "new"]);
  editor.type("\x10\x10!\r");
  assertEquals(events.at(-1), "one!");
});

Deno.test("LineEditor tells of Ctrl-C, Ctrl-Z, Ctrl-L, and of Ctrl-D on an empty line", () => {
  const { editor, events } = newEditor();
  editor.type("a\x04\x03\x1a\x0c\x15\x04");
  assertEquals(events, ["<interrupt>", "<suspend>", "<clear>", "<end>"]);
});
