/** The wire under the load that issue 2 names: many connections, many lines, many packets. */

import { assertEquals } from "@std/assert";
import { linesOf } from "./helpers/chunkings.ts";
import { bytesOf, byteString, exchange, exchangeText } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { startServer } from "./helpers/server.ts";

const ORDERS = ["request", "completion", "serial"] as const;

const ECHO = "export default (line) => line;";

Deno.test("serve answers 1000 connections that are open at once", async () => {
  await using server = await startServer();
  const clients = await Promise.all(Array.from({ length: 1000 }, () => server.connect()));
  try {
    for (const round of ["first", "second"]) {
      await Promise.all(clients.map((client, index) => client.send(`${round} ${index}\n`)));
      const replies = await Promise.all(clients.map((client) => client.reply()));
      assertEquals(
        replies.map((reply) => reply.replace(/^[12] /, "")),
        clients.map((_, index) => `${round} ${index}`),
      );
    }
    await Promise.all(clients.map((client) => client.finish()));
    const rests = await Promise.all(clients.map((client) => client.restText()));
    assertEquals(rests.join(""), "");
  } finally {
    for (const client of clients) client.close();
  }
  assertEquals(server.server.counters.connections, 1000);
});

for (const order of ORDERS) {
  Deno.test(`serve answers 100000 pipelined lines of one connection when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: ECHO });
    const lines = Array.from({ length: 100_000 }, (_, index) => index.toString(36));
    const replies = linesOf(await exchangeText(server.addr, `${lines.join("\n")}\n`));
    if (order === "completion") {
      replies.sort();
      lines.sort();
    }
    assertEquals(replies.length, lines.length);
    const wrong = replies.findIndex((reply, index) => reply !== lines[index]);
    assertEquals(wrong, -1, `reply ${wrong} is ${JSON.stringify(replies[wrong])}`);
  });

  Deno.test(`serve answers lines that dribble in byte by byte when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: ECHO });
    using client = await server.connect();
    for (const line of ["hello", "", "é", "\ud83d\ude00!", "0\0\u2028", "\ufeff"]) {
      for (const end of ["\n", "\r", "\r\n"]) {
        for (const byte of new TextEncoder().encode(line + end)) {
          await client.send(Uint8Array.of(byte));
        }
        assertEquals(await client.reply(), line);
      }
    }
    await client.finish();
    assertEquals(await client.restText(), "");
  });
}

Deno.test("serve answers every byte value as a line of its own, in order", async () => {
  await using server = await startServer({ source: ECHO });
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    .filter((unit) => unit !== "\n" && unit !== "\r");
  const answer = await exchange(server.addr, bytesOf(`${bytes.join("\r")}\r`));
  assertEquals(byteString(answer), `${bytes.join("\n")}\n`);
});

Deno.test("serve answers lines of every length around its buffers' sizes", async () => {
  await using server = await startServer({ source: ECHO, maxLine: 300_000 });
  const lengths = [99, 100, 101, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072, 262_143];
  const lines = [...lengths, 262_144, 300_000, 1].map((length, index) =>
    String.fromCharCode(97 + index).repeat(length)
  );
  const answer = linesOf(await exchangeText(server.addr, lines.join("\r\n")));
  assertEquals(answer.map((line) => line.length), lines.map((line) => line.length));
  assertEquals(answer.every((line, index) => line === lines[index]), true);
});

Deno.test("serve answers a line of 32 MiB once, and soon", async () => {
  // The watchdog took it back while its worker still read it, and sent it again, for ever.
  const source = "export default (line) => String(line.length);";
  await using server = await startServer({ source, maxLine: 64 * 1024 * 1024 });
  const line = "x".repeat(32 * 1024 * 1024);
  const answer = exchangeText(server.addr, `${line}\nshort\n`);
  assertEquals(await within(answer, "the replies", 30_000), `${line.length}\n5\n`);
});

Deno.test("serve answers a line whose reply is a thousand times longer", async () => {
  await using server = await startServer({
    source: "export default (line) => line.repeat(1000);",
  });
  const lines = Array.from({ length: 40 }, (_, index) => `${index}é`.repeat(100));
  const answer = linesOf(await exchangeText(server.addr, lines.join("\n")));
  assertEquals(answer.length, lines.length);
  assertEquals(answer.every((line, index) => line === lines[index].repeat(1000)), true);
});

Deno.test("serve keeps the replies of connections that pipeline at once apart", async () => {
  await using server = await startServer({ source: ECHO });
  const talks = Array.from(
    { length: 20 },
    (_, talk) => Array.from({ length: 2000 }, (_, index) => `${talk}:${index}\n`).join(""),
  );
  const answers = await Promise.all(talks.map((talk) => exchangeText(server.addr, talk)));
  assertEquals(answers.every((answer, talk) => answer === talks[talk]), true);
});
