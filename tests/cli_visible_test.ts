/** What others send is shown, not obeyed. */

import { assertEquals } from "@std/assert";
import { escaped, printable } from "../lib/cli/visible.ts";

/** Every character that can do harm at a terminal, or turn the order in which text is read. */
const HARMFUL = [
  ...Array.from({ length: 0xa0 }, (_, code) => code).filter((code) => code < 32 || code >= 127),
  ...[0xad, 0x61c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069],
  ...[0xfeff, 0xfff9, 0xe0001, 0xe0041],
].filter((code) => code !== 9).map((code) => String.fromCodePoint(code));

Deno.test("printable and escaped let no harmful character through", () => {
  for (const char of HARMFUL) {
    assertEquals(printable(`a${char}b`).includes(char), false, escaped(char));
    assertEquals(escaped(`a${char}b`).includes(char), false, escaped(char));
  }
});

Deno.test("printable shows control characters by their pictures, others by their numbers", () => {
  assertEquals(printable("1 hello\tworld"), "1 hello\tworld");
  assertEquals(printable("\x1b[2J\x07\x7f\u009b\u202e"), "␛[2J␇␡<U+009B><U+202E>");
  assertEquals(printable("\ufeffmark"), "<U+FEFF>mark");
});

Deno.test("printable leaves text alone that people write", () => {
  const text = "café naïve 東京 עברית العربية می‌خواهم 👩‍👩‍👧 🇩🇪 ½ e\u0301";
  assertEquals(printable(text), text);
  assertEquals(escaped(text), text);
});

Deno.test("escaped text in JSON stands for the text", () => {
  const text = HARMFUL.join("") + "\ud800";
  const json = escaped(JSON.stringify({ text }));
  assertEquals(JSON.parse(json), { text });
  assertEquals(/^[\x20-\x7e]*$/.test(json), true);
});
