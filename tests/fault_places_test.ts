/** Places: limits on the number of connections, in all and of one address, and what counts as one. */

import { assertEquals, assertLess } from "@std/assert";
import type { ServerEvent } from "../lib/observe/events.ts";
import { type PlaceLimit, Places } from "../lib/half_async/places.ts";
import { newCounters } from "../lib/observe/counters.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { connectionSet, StalledConn } from "./helpers/connection_set.ts";
import { until } from "../scripts/tools/deadline.ts";
import { LONG } from "./helpers/long.ts";
import { startServer } from "./helpers/server.ts";

for (const [limit, rounds] of [[1, 300], [20, 50]]) {
  Deno.test(`ConnectionSet refuses none of those who come after one another at a limit of ${limit}`, async () => {
    // Clients that had left still counted: 90 of 300 were refused at limit 1.
    await using server = await startServer({ workers: 1, maxConnections: limit });
    const oneAfterTheOther = async () => {
      for (let round = 0; round < rounds; round++) {
        using client = await LineClient.connect(server.addr);
        assertEquals(await client.ask("hello"), "1 hello");
      }
    };
    await Promise.all(Array.from({ length: limit }, oneAfterTheOther));
    assertEquals(server.server.counters.refused, 0);
  });
}

Deno.test("ConnectionSet refuses none who comes when an idle client has been told to go", async () => {
  await using server = await startServer({ workers: 1, maxConnections: 1, idleTimeout: 0.2 });
  using idle = await server.connect();
  assertEquals(await idle.ask("hello"), "1 hello");
  assertEquals(await idle.restText(), ""); // and it does not go
  using client = await server.connect();
  assertEquals(await client.ask("hello"), "1 hello");
});

Deno.test("ConnectionSet refuses none who comes when another one of its address has left", async () => {
  await using server = await startServer({ workers: 1, maxPerAddress: 1 });
  for (let round = 0; round < 100; round++) {
    using client = await server.connect();
    assertEquals(await client.ask("hello"), "1 hello");
  }
  assertEquals(server.server.counters.refused, 0);
});

Deno.test(
  "ConnectionSet refuses a connection over --max-per-address with an ERR line",
  LONG,
  async () => {
    await using server = await startServer({ workers: 1, maxPerAddress: 2 });
    using first = await server.connect();
    using second = await server.connect();
    assertEquals([await first.ask("one"), await second.ask("two")], ["1 one", "1 two"]);
    await Promise.all(Array.from({ length: 5 }, async () => {
      using third = await server.connect();
      assertEquals(
        await third.restText(),
        "ERR too many connections of your address: the limit of 2 is reached\n",
      );
    }));
    assertEquals(await first.ask("still here"), "1 still here");
    assertEquals(server.server.counters.refused, 5);
    const refused = () => server.eventsOf("connection_refused");
    await until(() => refused().reduce((sum, { times }) => sum + times, 0) === 5, "the report");
    assertEquals([refused()[0].option, refused()[0].limit], ["maxPerAddress", 2]);
  },
);

Deno.test("ConnectionSet counts no addresses behind a Unix socket", async () => {
  const path = await Deno.makeTempFile({ prefix: "hsha-places-" });
  await Deno.remove(path);
  await using server = await startServer({ workers: 1, unix: path, maxPerAddress: 1 });
  const clients = await Promise.all(Array.from({ length: 3 }, () => server.connect()));
  for (const client of clients) assertEquals(await client.ask("hello"), "1 hello");
  for (const client of clients) client.close();
});

Deno.test(
  "ConnectionSet holds no more TLS handshakes than connections, and a few to be refused",
  LONG,
  async () => {
    // Handshakes under way did not count: 1 500 were held for 5 s at a limit of 10.
    const counters = newCounters();
    const connections = connectionSet({ maxConnections: 10, counters });
    const clients = Array.from({ length: 1500 }, () => {
      let fail = (_: Error) => {};
      const handshake = () =>
        new Promise<Deno.TlsHandshakeInfo>((_, reject) => {
          fail = reject;
        });
      const close = () => {
        client.closed = true;
        fail(new Deno.errors.Interrupted());
      };
      const client: StalledConn = new StalledConn({ handshake, close });
      return client;
    });
    for (const { conn } of clients) connections.add(conn).catch(() => {});
    const held = () => clients.filter(({ closed }) => !closed).length;
    await until(() => counters.refused === 1490, "the others refused");
    assertLess(held(), 10 + 100 + 1);
    await until(() => held() === 10, "the end of their moment");
    const rest = clients.filter(({ closed }) => !closed);
    await until(() => rest.every(({ closed }) => closed), "the end of the handshakes");
    await connections.end();
  },
);

Deno.test("ConnectionSet gives the place of a failed handshake to the next one", async () => {
  const connections = connectionSet({ maxConnections: 1 });
  const failing = new StalledConn({ handshake: () => Promise.reject(new Error("no TLS")) });
  for (let count = 0; count < 3; count++) {
    const reason = await connections.add(failing.conn).catch((error: Error) => error.message);
    assertEquals(reason, "no TLS");
  }
  await connections.add(new StalledConn().conn);
  assertEquals(connections.size, 1);
  connections.abort("over");
  await connections.end();
});

Deno.test(
  "ConnectionSet writes one line a second about refusals, although each client leaves at once",
  LONG,
  async () => {
    // The last one to leave was told of at once: with handshakes in all places, a line for each refusal.
    const events: ServerEvent[] = [];
    const onEvent = (event: ServerEvent) => void events.push(event);
    const connections = connectionSet({ maxConnections: 0, writeTimeout: 0.04, onEvent });
    const gone = { read: () => Promise.resolve(null), write: () => Promise.resolve(1) };
    const closeWrite = () => Promise.resolve();
    const begun = performance.now();
    for (let count = 0; count < 8; count++) {
      await connections.add(new StalledConn({ ...gone, closeWrite }).conn);
    }
    await connections.end();
    const times = events.flatMap((event) =>
      event.type === "connection_refused" ? [event.times] : []
    );
    assertEquals(times.reduce((sum, each) => sum + each, 0), 8);
    assertLess(times.length, (performance.now() - begun) / 1000 + 3);
  },
);

Deno.test("Places gives a place to those who wait, first come first served, each within its limits", async () => {
  const places = new Places({ maxConnections: 3, maxPerAddress: 2 });
  const told: [string, PlaceLimit | undefined][] = [];
  const come = (name: string, address: string) =>
    places.take(address).then((limit) => void told.push([name, limit]));
  await Promise.all([come("one", "a"), come("two", "a"), come("three", "b")]);
  const waiting = [come("four", "a"), come("five", "b"), come("six", "b")];
  places.leave("b"); // of address a there are still two
  await waiting[1];
  places.leave("a");
  await waiting[0];
  await waiting[2]; // it waits in vain
  assertEquals(told.slice(3), [["five", undefined], ["four", undefined], [
    "six",
    "maxConnections",
  ]]);
  places.leave("a");
  await come("seven", "a");
  assertEquals(told.at(-1), ["seven", undefined]);
});

Deno.test("Places lets so many wait, and refuses others at once", async () => {
  const places = new Places({ maxConnections: 1, maxPerAddress: 0 });
  await places.take("a");
  let over = 0;
  const waiting = Array.from({ length: 100 }, () => places.take("a").then(() => void over++));
  assertEquals(await places.take("a"), "maxConnections");
  assertEquals(over, 0);
  places.end();
  await Promise.all(waiting);
  assertEquals(over, 100);
});
