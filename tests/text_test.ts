/** Bytes come back exactly, whatever they are: rule 3 of the wire, and the text that handlers see. */

import { assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { decode, encode, encodeInto } from "../lib/half_sync/memory/text.ts";
import { strings } from "./helpers/chunkings.ts";
import { bytesOf, byteString, exchange } from "../scripts/tools/line_client.ts";
import { startServer } from "./helpers/server.ts";

const ORDERS = ["request", "completion", "serial"] as const;

/** Bytes where the validity of UTF-8 is decided: the ends of each range of its table, and others. */
const EDGES = "\x00A\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff";

/** A byte string as the UTF-8 of this text. */
function utf8(text: string): string {
  return byteString(new TextEncoder().encode(text));
}

/** All byte values in one line but the two that end a line. */
const ALL = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  .filter((unit) => unit !== "\n" && unit !== "\r").join("");

/** Contents that software is known to change on their way. */
const CONTENTS: Readonly<Record<string, string>> = {
  "all byte values": ALL,
  "all byte values in reverse": [...ALL].reverse().join(""),
  "a leading byte order mark": utf8("\ufeffhello"),
  "two byte order marks": utf8("\ufeff\ufeff"),
  "a byte order mark inside": utf8("a\ufeffb"),
  "NUL": "\0a\0\0",
  "U+2028, U+2029 and U+0085": utf8("a\u2028b\u2029c\u0085d"),
  "a lone byte 0x85": "a\x85b",
  "vertical tab, form feed and separators": "a\v\f\x1c\x1d\x1eb",
  "characters of one to four bytes": utf8("aé€😀"),
  "a character cut at the end": utf8("a😀").slice(0, -1),
  "a character without its start": utf8("😀a").slice(1),
  "UTF-8 of a lone surrogate": "\xed\xa0\x80\xed\xb3\xbf",
  "an overlong slash": "\xc0\xaf\xe0\x80\xaf",
  "beyond U+10FFFF": "\xf4\x90\x80\x80\xf5",
  "the noncharacters": utf8("\ufffe\uffff\u{10ffff}"),
  "replacement characters": utf8("\ufffd"),
  "spaces at both ends": " \t a \t ",
};

Deno.test("decode and encode lose nothing of any bytes up to length 3 around the edges of UTF-8", () => {
  for (const bytes of strings(EDGES, 3)) {
    const back = byteString(encode(decode(bytes)));
    if (back !== bytes) assertEquals(back, bytes);
  }
});

Deno.test("encodeInto puts the bytes that encode gives into room that is just enough", () => {
  for (const bytes of strings(EDGES, 2)) {
    const text = decode(`${bytes}${utf8("é😀")}`);
    const expected = encode(text);
    const target = new Uint8Array(expected.length);
    assertEquals(encodeInto(text, target), expected.length);
    assertEquals(byteString(target), byteString(expected));
    assertEquals(encodeInto(text, target.subarray(1)), -1);
  }
});

Deno.test("decode equals TextDecoder for valid UTF-8, and escapes what is not", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const bytes of strings("A\x80\xa0\xc3\xe2\xed\xf0", 4)) {
    const text = decode(bytes);
    let expected: string | undefined;
    try {
      expected = decoder.decode(bytesOf(bytes));
    } catch {
      // not valid: each bad byte stands as a lone surrogate
    }
    if (expected === undefined) assertEquals(text.isWellFormed(), false);
    else assertEquals(text, expected);
  }
});

Deno.test("decode gives each invalid byte as U+DC00 plus the byte", () => {
  assertEquals(decode("a\xff\x80b"), "a\udcff\udc80b");
  assertEquals(decode(`\xe2\x82${utf8("é")}`), "\udce2\udc82é");
});

Deno.test("encode replaces a lone surrogate that stands for no byte", () => {
  assertEquals(byteString(encode("a\ud800b")), utf8("a\ufffdb"));
  assertEquals(byteString(encode("a\udc7fb")), utf8("a\ufffdb"));
});

/** Least time of several that the bytes take there and back, in milliseconds. */
function leastTime(bytes: string): number {
  const times = Array.from({ length: 15 }, () => {
    const begun = performance.now();
    encode(decode(bytes));
    return performance.now() - begun;
  });
  return Math.min(...times);
}

Deno.test("decode and encode take invalid bytes in one pass, not by a call for each", () => {
  const random = byteString(crypto.getRandomValues(new Uint8Array(64 * 1024)));
  const valid = utf8("é").repeat(32 * 1024);
  // Measured: 5 times as long, whatever else runs; by a call for each stretch, 80 to 360 times.
  assertLess(leastTime(random), 20 * leastTime(valid));
});

Deno.test("decode tells ASCII from everything else at any length", () => {
  for (const length of [0, 1, 100, 70_000, 200_000]) {
    const ascii = "a".repeat(length);
    assertEquals(decode(ascii), ascii);
    assertEquals(decode(`${ascii}\x80`), `${ascii}\udc80`);
    assertEquals(decode(`\xff${ascii}`), `\udcff${ascii}`);
  }
});

for (const order of ORDERS) {
  Deno.test(`serve sends every content back byte by byte when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: "export default (line) => line;" });
    for (const [name, content] of Object.entries(CONTENTS)) {
      for (
        const [sent, expected] of [[`${content}\n`, `${content}\n`], [content, `${content}\n`]]
      ) {
        assertEquals(byteString(await exchange(server.addr, bytesOf(sent))), expected, name);
      }
    }
  });

  Deno.test(`serve keeps the bytes of each line apart when they are sent at once and the order is ${order}`, async () => {
    await using server = await startServer({ order, source: "export default (line) => line;" });
    const lines = Object.values(CONTENTS);
    const answer = byteString(await exchange(server.addr, bytesOf(lines.join("\r\n"))));
    const replies = answer.split("\n").slice(0, -1);
    if (order === "completion") assertEquals(replies.sort(), [...lines].sort());
    else assertEquals(replies, lines);
  });
}

Deno.test("serve sends back bytes of lines that are longer than its buffers", async () => {
  await using server = await startServer({
    maxLine: 1_000_000,
    source: "export default (line) => line;",
  });
  const lines = [1000, 100_000, 900_000].map((length) => ALL.repeat(length / 254));
  lines.push(utf8("é").repeat(400_000), "\xff".repeat(400_000));
  const answer = byteString(await exchange(server.addr, bytesOf(lines.join("\n"))));
  assertEquals(answer === `${lines.join("\n")}\n`, true);
});

Deno.test("serve prepends the worker's ID to any bytes with the default handler", async () => {
  await using server = await startServer({ workers: 1 });
  const answer = await exchange(server.addr, bytesOf(`${ALL}\n`));
  assertEquals(byteString(answer), `1 ${ALL}\n`);
});

Deno.test("serve keeps invalid bytes when a handler moves or changes what is around them", async () => {
  await using server = await startServer({
    source: `export default (line) => {
      const text = line.slice(1);
      if (line[0] === "r") return [...text].reverse().join("");
      if (line[0] === "u") return text.toUpperCase();
      return text.split("é").join("-");
    };`,
  });
  const ask = async (content: string) =>
    byteString(await exchange(server.addr, bytesOf(content))).slice(0, -1);
  assertEquals(await ask("rab\xff\x80c"), "c\x80\xffba");
  assertEquals(await ask(`r${utf8("é😀")}\xfe`), `\xfe${utf8("😀é")}`);
  assertEquals(await ask(`ua\xff${utf8("é")}\xe9z`), `A\xff${utf8("É")}\xe9Z`);
  assertEquals(await ask(`s\xc3${utf8("é")}\xa9`), "\xc3-\xa9");
});

Deno.test("serve gives a handler characters, not bytes", async () => {
  await using server = await startServer({
    source: "export default (line) => `${[...line].length} ${line.codePointAt(0)}`;",
  });
  const answer = await exchange(server.addr, "é\n😀\n\ufeffa\n");
  assertEquals(byteString(answer), `1 ${0xe9}\n1 ${0x1f600}\n2 ${0xfeff}\n`);
  assertNotEquals(answer.length, 0);
});
