/** "On the wire", points 1 to 4, 6 and 7 of the contract, over a real socket, in each of the orders. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchangeText, LineClient } from "../scripts/tools/line_client.ts";
import { startServer } from "./helpers/server.ts";
import { linesOf } from "./helpers/chunkings.ts";

const ORDERS = ["request", "completion", "serial"] as const;

/** Sends back the line in brackets, so that empty lines show. */
const BRACKETS = "export default (line) => `<${line}>`;";

/** The lines of what a server sent, in the order that it promised: none but by sorting. */
function inOrder(order: typeof ORDERS[number], text: string): string {
  return order === "completion" ? linesOf(text).sort().map((line) => `${line}\n`).join("") : text;
}

for (const order of ORDERS) {
  Deno.test(`serve ends a line at LF, CRLF and CR when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    const answer = await exchangeText(server.addr, "a\nb\r\nc\rd\r\re\n\rf\n");
    const expected = inOrder(order, "<a>\n<b>\n<c>\n<d>\n<>\n<e>\n<>\n<f>\n");
    assertEquals(inOrder(order, answer), expected);
  });

  Deno.test(`serve answers at a CR while the client waits when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    using client = await server.connect();
    await client.send("hello\r");
    assertEquals(await client.reply(), "<hello>");
  });

  Deno.test(`serve takes a CRLF split over two packets for one end when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    using client = await server.connect();
    await client.send("one\r");
    assertEquals(await client.reply(), "<one>"); // the first packet has surely been read
    await client.send("\ntwo\r");
    assertEquals(await client.reply(), "<two>");
    await client.send("\n\n");
    assertEquals(await client.reply(), "<>");
    await client.finish();
    assertEquals(await client.restText(), "");
  });

  Deno.test(`serve answers each line once, empty ones too, when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    assertEquals(await exchangeText(server.addr, "\n\r\n\r\r\n\n"), "<>\n".repeat(5));
    assertEquals(server.server.counters.accepted, 5);
  });

  Deno.test(`serve ends replies with CRLF when newline is crlf and the order is ${order}`, async () => {
    await using server = await startServer({
      order,
      newline: "crlf",
      maxLine: 5,
      source:
        'export default (line) => { if (line === "bad") throw new Error("no"); return line; };',
    });
    assertEquals(await exchangeText(server.addr, "a\n"), "a\r\n");
    assertEquals(await exchangeText(server.addr, "\r"), "\r\n");
    assertEquals(await exchangeText(server.addr, "bad"), "ERR no\r\n");
    assertMatch(await exchangeText(server.addr, "too long\r"), /^ERR [^\r\n]*\r\n$/);
    assertEquals(await exchangeText(server.addr, "é!"), "é!\r\n");
  });

  Deno.test(`serve answers an unterminated last line at half-close when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    const answer = await exchangeText(server.addr, "one\ntwo");
    assertEquals(inOrder(order, answer), "<one>\n<two>\n");
    assertEquals(await exchangeText(server.addr, "one\r\n"), "<one>\n");
    assertEquals(await exchangeText(server.addr, "one\r"), "<one>\n");
  });

  Deno.test(`serve closes after a half-close without a byte when the order is ${order}`, async () => {
    await using server = await startServer({ order, source: BRACKETS });
    assertEquals(await exchangeText(server.addr, ""), "");
    assertEquals(server.server.counters.accepted, 0);
  });

  Deno.test(`serve writes every reply before it closes when the order is ${order}`, async () => {
    await using server = await startServer({
      order,
      source: `export default (line) => {
        const end = performance.now() + 30;
        while (performance.now() < end);
        return line;
      };`,
    });
    const lines = Array.from({ length: 12 }, (_, index) => `${index + 10}\n`).join("");
    assertEquals(inOrder(order, await exchangeText(server.addr, lines)), lines);
  });

  Deno.test(`serve takes a line of exactly max-line bytes, not one more, when the order is ${order}`, async () => {
    await using server = await startServer({ order, maxLine: 8, source: BRACKETS });
    for (const end of ["\n", "\r\n", "\r", ""]) {
      assertEquals(await exchangeText(server.addr, `12345678${end}`), "<12345678>\n");
      assertEquals(await exchangeText(server.addr, `ééé${end}`), "<ééé>\n");
      for (const long of ["123456789", "ééééé", "x".repeat(200_000)]) {
        const answer = await exchangeText(server.addr, long + end);
        assertMatch(answer, /^ERR [^\n]*\b8 bytes\b[^\n]*\n$/);
      }
    }
    const many = await exchangeText(server.addr, "12345678\n123456789\n12345678\n1\n");
    const shown = inOrder(order, many.replace(/^ERR .*$/m, "<ERR>"));
    assertEquals(shown, inOrder(order, "<12345678>\n<ERR>\n<12345678>\n<1>\n"));
  });

  Deno.test(`serve goes on behind a line over max-line when the order is ${order}`, async () => {
    await using server = await startServer({ order, maxLine: 8, source: BRACKETS });
    using client = await server.connect();
    await client.send(`${"x".repeat(9)}`);
    await client.send(`${"y".repeat(100_000)}`);
    await client.send("z\rnext\n");
    const replies = (await client.replies(2)).sort();
    assertEquals(replies[0], "<next>");
    assertStringIncludes(replies[1], "ERR ");
    assertEquals(await client.ask("last"), "<last>");
    const { accepted, answered, failed } = server.server.counters;
    assertEquals({ accepted, answered, failed }, { accepted: 3, answered: 2, failed: 1 });
  });

  Deno.test(`serve tells a failed line by one ERR line and goes on when the order is ${order}`, async () => {
    await using server = await startServer({
      order,
      workers: 1,
      source:
        'export default (line) => { if (line === "b") throw new Error("no b"); return line; };',
    });
    assertEquals(await exchangeText(server.addr, "a\nb\nc\n"), "a\nERR no b\nc\n");
  });
}

for (const order of ["request", "serial"] as const) {
  Deno.test(`serve puts an error reply in its line's place when the order is ${order}`, async () => {
    await using server = await startServer({
      order,
      maxLine: 20,
      source: `export default (line) => {
        const end = performance.now() + Number(line);
        while (performance.now() < end);
        if (line === "1") throw new Error("one");
        return line;
      };`,
    });
    const long = "x".repeat(21);
    const lines = ["60", long, "1", "2", long, long, "40", "1", long];
    const answer = linesOf(await exchangeText(server.addr, lines.join("\n")));
    const shown = answer.map((line) => line.replace(/^ERR .*limit.*/, long));
    assertEquals(shown, lines.map((line) => line === "1" ? "ERR one" : line));
  });
}

Deno.test("serve tells neither a path nor a stack trace when a handler throws", async () => {
  await using server = await startServer({
    source: `export default (line) => {
      if (line === "stack") throw new Error(new Error("inner").stack);
      if (line === "path") throw new Error("cannot open '/etc/some file' or /var/lib/x.db");
      if (line === "url") throw new Error("at file:///home/user/secret.ts:1:2");
      if (line === "windows") throw new Error("cannot open C:\\\\Users\\\\me\\\\x.db");
      if (line === "file") Deno.readTextFileSync("/etc/passwd");
      if (line === "text") throw "a plain text";
      if (line === "object") throw { secret: { nested: "/etc/passwd" } };
      if (line === "nothing") throw undefined;
      if (line === "lines") throw new Error("one\\r\\ntwo\\nthree");
      if (line === "empty") throw new Error("");
      return line;
    };`,
  });
  using client = await server.connect();
  for (
    const line of [
      ...["stack", "path", "url", "windows", "file", "text", "object", "nothing", "lines", "empty"],
    ]
  ) {
    const reply = await client.ask(line);
    assertMatch(reply, /^ERR \S/, line);
    assert(!/\bat .*:\d+|\/(?:etc|var|home|Users)|file:|C:\\|secret\.ts|passwd/.test(reply), reply);
  }
  assertEquals(await client.ask("text"), "ERR a plain text");
  assertEquals(await client.ask("lines"), "ERR one two three");
});

Deno.test("serve answers the default service's line with the worker's ID and the line", async () => {
  await using server = await startServer({ workers: 3 });
  using client = await server.connect();
  const ids = new Set<string>();
  // Which worker is next is not promised, and the one still awake is preferred; that each of them serves,
  // in the long run, is.
  for (let turn = 0; turn < 5000 && ids.size < 3; turn++) {
    const reply = await client.ask("hello");
    assertMatch(reply, /^[1-3] hello$/);
    ids.add(reply[0]);
  }
  assertEquals([...ids].sort(), ["1", "2", "3"]);
});

Deno.test("serve answers on a Unix socket as on TCP", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using server = await startServer({ unix: `${folder}/socket`, workers: 1 });
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("hello"), "1 hello");
    await client.send("a\nb");
    await client.finish();
    assertEquals(await client.restText(), "1 a\n1 b\n");
  }
  await Deno.remove(folder, { recursive: true });
});
