/** The handler `sha256`, and what docs/handlers.md shows of handlers that do not need a file. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import {
  bytesOf,
  byteString,
  exchange,
  exchangeText,
  LineClient,
} from "../scripts/tools/line_client.ts";
import { playSection } from "./helpers/played_page.ts";
import { ServerProcess } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

/** Published digests: FIPS 180-4's examples, and the empty message. */
const VECTORS: Readonly<Record<string, string>> = {
  "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
};

/** A server of several workers; as a process, for `deno test` would check the types of each worker. */
function start(): Promise<ServerProcess> {
  return ServerProcess.start(["--handler", "sha256", "--workers", "3"]);
}

/** Digests of byte strings, one per line, by Deno's own hand. */
function digests(lines: readonly string[]): string {
  return lines.map((line) => `${createHash("sha256").update(bytesOf(line)).digest("hex")}\n`)
    .join("");
}

/** Byte strings that no line end is in, of lengths up to 1000, always the same ones. */
function noise(seed: number, count: number): string[] {
  let state = seed;
  const next = () => state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Array.from({ length: count }, () => {
    const bytes = Array.from({ length: (next() >>> 8) % 1000 }, () => (next() >>> 16) & 0xff);
    return byteString(Uint8Array.from(bytes)).replaceAll(/[\r\n]/g, "");
  });
}

Deno.test("sha256 answers with the digest that the standard gives", async () => {
  await using server = await start();
  using client = await LineClient.connect(server.addr);
  for (const [line, digest] of Object.entries(VECTORS)) {
    assertEquals(await client.ask(line), digest, line);
  }
});

Deno.test("sha256 digests the bytes that came, whether they are UTF-8 or not", LONG, async () => {
  await using server = await start();
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    .filter((byte) => byte !== "\r" && byte !== "\n");
  // The bytes at which the rules of UTF-8 change, before every other byte.
  const leads = [..."\0\x7f\x80\xbf\xc1\xc2\xdf\xe0\xed\xef\xf0\xf4\xf5\xff"];
  const lines = ["", ...bytes, ...leads.flatMap((lead) => bytes.map((byte) => lead + byte))];
  const answer = await exchange(server.addr, bytesOf(lines.map((line) => `${line}\n`).join("")));
  const replies = byteString(answer).split("\n");
  const expected = digests(lines).split("\n");
  assertEquals(replies.length, expected.length);
  for (const [index, reply] of replies.entries()) {
    assertEquals(reply, expected[index], JSON.stringify(lines[index]));
  }
});

Deno.test("sha256 gives several clients their own digests, in the order of their lines", async () => {
  await using server = await start();
  const clients = Array.from({ length: 6 }, (_, index) => noise(index + 1, 40));
  const answers = await Promise.all(
    clients.map((lines) =>
      exchange(server.addr, Buffer.from(lines.map((line) => `${line}\r\n`).join(""), "latin1"))
    ),
  );
  assertEquals(answers.map(byteString), clients.map(digests));
});

Deno.test("sha256 answers alike, however a line ends", async () => {
  await using server = await start();
  const answer = await exchangeText(server.addr, "abc\nabc\r\nabc\rabc");
  assertEquals(answer, `${VECTORS.abc}\n`.repeat(4));
});

for (const title of ["Writing one", "echo", "sha256"]) {
  Deno.test(
    `docs/handlers.md prints what really appears in its section "${title}"`,
    LONG,
    async () => {
      await playSection("docs/handlers.md", title);
    },
  );
}
