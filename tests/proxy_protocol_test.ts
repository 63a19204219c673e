/** --proxy-protocol and --telnet of a whole server: whose connection it is, what is refused, and in which order. */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { bytesOf, byteString, exchange, type LineClient } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { LONG } from "./helpers/long.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { BROKEN, INET6, TORN, unixBlock, v2 } from "./helpers/proxy_headers.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

const HEADER = "PROXY TCP4 192.0.2.7 192.0.2.1 4567 7007\r\n";

/** A client that sends these bytes. */
async function say(server: TestServer, data: string): Promise<LineClient> {
  const client = await server.connect();
  await client.send(bytesOf(data));
  return client;
}

Deno.test("serve closes connections without a PROXY header, answers nothing, and tells each once", async () => {
  await using server = await startServer({ proxyProtocol: true });
  const streams = [...BROKEN.map(([stream]) => stream), ...TORN, ""];
  for (const stream of streams) {
    const answer = await exchange(server.addr, bytesOf(`${stream}`)).catch((error) => {
      // A client that sends on when it is closed gets a reset: there is no answer either.
      assert(
        error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe,
      );
      return new Uint8Array();
    });
    assertEquals(byteString(answer), "", JSON.stringify(stream));
  }
  await until(() => server.eventsOf("proxy_header_refused").length >= streams.length, "the events");
  const refused = server.eventsOf("proxy_header_refused");
  assertEquals(refused.length, streams.length);
  for (const { peer, reason } of refused) {
    assertMatch(peer, /^127\.0\.0\.1:\d+$/);
    assertMatch(reason, /^it[s ][ -~]+$/);
  }
  using client = await say(server, `${HEADER}hello\n`);
  assertMatch(await client.reply(), /hello$/);
  const { accepted, connections } = server.server.counters;
  assertEquals([accepted, connections], [1, 1], "no line of the others was taken");
});

Deno.test("serve has the client of the PROXY header in its events", async () => {
  await using server = await startServer({ proxyProtocol: true, maxLine: 5 });
  const peers: [header: string, peer: string | undefined][] = [
    [HEADER, "192.0.2.7:4567"],
    [v2(0x21, 0x21, INET6), "2001:db8::1:258"],
    [v2(0x21, 0x31, unixBlock("/run/it")), "a Unix socket's client"],
    ["PROXY UNKNOWN\r\n", undefined],
    [v2(0x20, 0x00, ""), undefined],
  ];
  for (const [at, [header, peer]] of peers.entries()) {
    using client = await say(server, `${header}too long\n`);
    assertMatch(await client.reply(), /^ERR line longer/);
    const { port } = client.conn.localAddr as Deno.NetAddr;
    client.close();
    await until(() => server.eventsOf("lines_failed").length > at, "the event");
    assertEquals(server.eventsOf("lines_failed")[at].peer, peer ?? `127.0.0.1:${port}`);
  }
});

Deno.test("--max-per-address counts the address of the PROXY header, not the proxy's", async () => {
  await using server = await startServer({ proxyProtocol: true, maxPerAddress: 1 });
  const header = (last: number) => `PROXY TCP4 192.0.2.${last} 192.0.2.1 4567 7007\r\n`;
  using first = await say(server, `${header(1)}a\n`);
  assertMatch(await first.reply(), /a$/);
  using other = await say(server, `${header(2)}b\n`);
  assertMatch(await other.reply(), /b$/, "another address behind the same proxy");
  using second = await say(server, `${header(1)}c\n`);
  assertMatch(await second.restText(), /^ERR too many connections of your address/);
  const { peer } = await server.event("connection_refused");
  assertEquals(peer, "192.0.2.1:4567");
  await first.finish();
  await first.rest();
  using third = await say(server, `${header(1)}d\n`);
  assertMatch(await third.reply(), /d$/, "its place is free again");
});

Deno.test("--max-per-address counts an IPv4 client once, mapped into IPv6 or not", async () => {
  await using server = await startServer({ proxyProtocol: true, maxPerAddress: 1 });
  using first = await say(server, `${HEADER}a\n`);
  assertMatch(await first.reply(), /a$/);
  for (const address of ["::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:192.0.2.7"]) {
    using mapped = await say(server, `PROXY TCP6 ${address} ::1 4567 7007\r\nb\n`);
    assertMatch(await mapped.restText(), /^ERR too many connections of your address/, address);
  }
});

Deno.test("--max-connections counts connections whose PROXY header has not come", async () => {
  await using server = await startServer({ proxyProtocol: true, maxConnections: 1 });
  using silent = await server.connect();
  using second = await say(server, `${HEADER}hello\n`);
  assertMatch(await second.restText(), /^ERR too many connections/);
  await silent.send(`${HEADER}hello\n`);
  assertMatch(await silent.reply(), /hello$/);
});

Deno.test(
  "serve closes a connection whose PROXY header is not there within 5 s",
  LONG,
  async () => {
    await using server = await startServer({ proxyProtocol: true });
    const begun = performance.now();
    using slow = await say(server, HEADER.slice(0, -1));
    assertEquals(await slow.restText(), "");
    assertGreater(performance.now() - begun, 4500);
    const { reason } = await server.event("proxy_header_refused");
    assertEquals(reason, "it sent no whole PROXY header within 5 s");
  },
);

Deno.test("Server.shutdown does not wait for a PROXY header", async () => {
  const server = await startServer({ proxyProtocol: true });
  using silent = await server.connect();
  using client = await say(server, `${HEADER}hello\n`);
  assertMatch(await client.reply(), /hello$/);
  await Promise.all([server[Symbol.asyncDispose](), client.rest()]);
  assertEquals(await silent.restText(), "");
  assertEquals(server.eventsOf("proxy_header_refused"), []);
});

Deno.test("--telnet stands behind the PROXY header, and in front of the lines", async () => {
  await using server = await startServer({ proxyProtocol: true, telnet: true, workers: 1 });
  using client = await say(server, `${HEADER}\xff\xfb\x18he\xff\xf1ll\xff\xffo\r\0`);
  assertEquals(byteString(await client.replyBytes()), "\xff\xfe\x181 hell\xff\xffo");
});

Deno.test("--telnet says nothing to a client with --replies none", async () => {
  await using server = await startServer({ telnet: true, replies: "none" });
  assertEquals((await exchange(server.addr, bytesOf("\xff\xfd\x06\xff\xfb\x18hello\n"))).length, 0);
  await until(() => server.server.counters.answered === 1, "its line");
});

Deno.test("hsha --proxy-protocol --telnet logs a forged header as one line", async () => {
  await using server = await FaultServer.start(["--proxy-protocol", "--telnet", "-w", "1"]);
  using forged = await server.connect();
  await forged.send("GET / HTTP/1.1\r\n\r\n");
  assertEquals((await forged.rest().catch(() => [])).length, 0);
  const { peer, reason, level } = await server.event("proxy_header_refused");
  const { port } = forged.conn.localAddr as Deno.NetAddr;
  assertEquals([peer, reason, level], [`127.0.0.1:${port}`, "it sent no PROXY header", "warn"]);
  using client = await server.connect();
  await client.send(bytesOf(`${HEADER}\xff\xfd\x06hello\n`));
  assertEquals(byteString(await client.replyBytes()), "\xff\xfc\x061 hello");
});
