/** The PROXY header: versions 1 and 2, in every form that the specification knows, and in many it does not. */

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { parseProxyHeader, ProxyHeaderError } from "../lib/half_async/proxy_header.ts";
import { takeProxyHeader } from "../lib/half_async/proxy_transport.ts";
import { bytesOf } from "../scripts/tools/line_client.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import { PlayedConn, restOf } from "./helpers/played_conn.ts";
import { BROKEN, TORN, WHOLE } from "./helpers/proxy_headers.ts";

const PROXY: Deno.Addr = { transport: "tcp", hostname: "10.0.0.1", port: 5 };

/** What a stream's first bytes are, with a refusal as its sentence. */
function outcome(bytes: Uint8Array) {
  try {
    return parseProxyHeader(bytes);
  } catch (error) {
    if (error instanceof ProxyHeaderError) return error.message;
    throw error;
  }
}

Deno.test("parseProxyHeader finds the client, and where the header ends", () => {
  for (const [header, client] of WHOLE) {
    const { length } = header;
    assertEquals(parseProxyHeader(bytesOf(header)), { length, client });
    assertEquals(parseProxyHeader(bytesOf(`${header}hello\n`))?.length, length, "lines behind it");
  }
});

Deno.test("parseProxyHeader waits for the last byte of a header", () => {
  for (const [header] of WHOLE) {
    for (let length = 0; length < header.length; length++) {
      const part = header.slice(0, length);
      assertEquals(parseProxyHeader(bytesOf(part)), undefined, JSON.stringify(part));
    }
  }
});

Deno.test("parseProxyHeader refuses more than a hundred broken headers, each in one sentence", () => {
  assert(BROKEN.length > 100);
  for (const [stream, says] of BROKEN) {
    const { message } = assertThrows(
      () => parseProxyHeader(bytesOf(stream)),
      ProxyHeaderError,
      undefined,
      JSON.stringify(stream),
    );
    assertMatch(message, says, JSON.stringify(stream));
    assertMatch(message, /^it[s ][ -~]+$/, "nothing of what was sent");
  }
});

Deno.test("parseProxyHeader says the same however much of a broken header has come", () => {
  for (const [stream] of BROKEN) {
    const bytes = bytesOf(stream);
    let refusal: unknown;
    for (let length = 0; length <= bytes.length; length++) {
      const now = outcome(bytes.subarray(0, length));
      assert(typeof now !== "object", `a header in ${JSON.stringify(stream)}`);
      if (refusal !== undefined) assertEquals(now, refusal, JSON.stringify(stream));
      refusal = now;
    }
  }
});

Deno.test(`parseProxyHeader takes any bytes, by seed ${SEED}`, () => {
  const chance = new Chance(SEED);
  let whole = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const bytes = bytesOf(`${chance.pick(WHOLE)[0]}hello\n`);
    for (let times = chance.integer(1, 3); times > 0; times--) {
      bytes[chance.integer(0, Math.min(bytes.length, 40) - 1)] = chance.integer(0, 255);
    }
    const now = outcome(bytes.subarray(0, chance.integer(0, bytes.length)));
    if (typeof now !== "object") continue;
    whole++;
    assert(now.length <= 536);
    if (now.client === undefined || !("hostname" in now.client)) continue;
    assertMatch(now.client.hostname, /^[0-9a-f:.]+$/);
    assert(now.client.port >= 0 && now.client.port < 65536);
  }
  assert(whole > 100, `only ${whole} of them were headers all the same`);
});

Deno.test("takeProxyHeader leaves the stream as it is behind the header, however it is cut", async () => {
  const lines = "hello\nPROXY TCP4 6.6.6.6 5.6.7.8 77 99\r\n";
  for (const [header, client = PROXY] of WHOLE) {
    const stream = header + lines;
    const cuts = Array.from({ length: stream.length + 1 }, (_, at) => [at]);
    for (const places of [...cuts, [...stream].map((_, at) => at), [3, 20, header.length]]) {
      const ends = [...places, stream.length].sort((one, other) => one - other);
      const chunks = ends.map((end, at) => stream.slice(ends[at - 1] ?? 0, end));
      const conn = await takeProxyHeader(new PlayedConn(chunks.filter((chunk) => chunk !== "")));
      assertEquals(conn.remoteAddr, client);
      assertEquals(await restOf(conn, 1 + places.length % 7), lines);
    }
  }
});

Deno.test("takeProxyHeader refuses what ends within its header, or without one", async () => {
  for (const stream of TORN) {
    const { message } = await assertRejects(
      () => takeProxyHeader(new PlayedConn([stream])),
      ProxyHeaderError,
    );
    assertEquals(message, "it ended within its PROXY header", JSON.stringify(stream));
  }
  const { message } = await assertRejects(
    () => takeProxyHeader(new PlayedConn([])),
    ProxyHeaderError,
  );
  assertEquals(message, "it ended without a PROXY header");
});

Deno.test("takeProxyHeader closes a connection that is late", async () => {
  for (const chunks of [[], ["PROXY TCP4 1.2.3.4 "]]) {
    const conn = new PlayedConn(chunks, { silent: true });
    const { message } = await assertRejects(() => takeProxyHeader(conn, 20), ProxyHeaderError);
    assertEquals(message, "it sent no whole PROXY header within 0.02 s");
    assert(conn.closed);
  }
});
