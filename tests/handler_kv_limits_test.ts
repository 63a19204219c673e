/** What clients of the handler `kv` may not ask of SQLite, and what its replies may not look like. */

import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { KvStore } from "../lib/handlers/kv_store.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { KvFolder } from "./helpers/handler_kv.ts";
import { LONG } from "./helpers/long.ts";

const TOO_LONG = "ERR a pattern may have up to 256 bytes";

Deno.test("kv refuses patterns that SQLite would compare for seconds with one key", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  using client = await LineClient.connect(server.addr);
  const key = "a".repeat(65_000);
  assertEquals(await client.ask(`SET ${key} 1`), "OK");
  assertEquals(await client.ask(`GET ${key}`), "1");
  for (const long of [`*${"a".repeat(12_000)}b`, "a".repeat(257), "ä".repeat(129)]) {
    assertEquals(await client.ask(`KEYS ${long}`), TOO_LONG);
  }
  assertEquals(await client.ask(`KEYS *${"a".repeat(254)}b`), "");
  assertEquals(await client.ask(`KEYS ${"ä".repeat(127)}*`), "");
  assertEquals(await client.ask("KEYS a*"), key);
});

Deno.test("kv gives up a search for keys after 5 seconds, not the worker", LONG, async () => {
  using folder = new KvFolder();
  await using server = await folder.start(["--job-timeout", "25"]);
  {
    using other = new DatabaseSync(folder.database);
    other.exec(`PRAGMA synchronous = OFF;
      WITH RECURSIVE n (i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 1300000)
      INSERT INTO kv (k, v) SELECT '${"a".repeat(249)}' || i, x'' FROM n`);
  }
  using client = await LineClient.connect(server.addr);
  const costly = `KEYS *${"[a]".repeat(60)}b`;
  assertEquals(
    await client.ask(costly),
    "ERR the search took longer than 5 seconds; give a narrower pattern",
  );
  assertEquals(await client.ask("KEYS b*"), "");
});

Deno.test("kv ends a search when its time is over, and not behind the last key", () => {
  using folder = new KvFolder();
  using store = new KvStore(folder.database);
  {
    using other = new DatabaseSync(folder.database);
    other.exec(`PRAGMA synchronous = OFF;
      WITH RECURSIVE n (i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 1400000)
      INSERT INTO kv (k, v) SELECT i, x'' FROM n`);
  }
  const timed = (search: () => void) => {
    const begun = performance.now();
    search();
    return performance.now() - begun;
  };
  const whole = timed(() => assertEquals(store.keys("*none"), []));
  using hasty = new KvStore(folder.database, 0.01);
  const cuts = Array.from(
    { length: 3 },
    () => timed(() => assertThrows(() => hasty.keys("*none"), Error, "the search took longer")),
  );
  assertLess(Math.min(...cuts), whole / 2); // the least: one that no other program came into
});

Deno.test("kv refuses to list more than 1 MiB of keys", LONG, async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  {
    using other = new DatabaseSync(folder.database);
    other.exec(`WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
      INSERT INTO kv (k, v) SELECT i || '${"k".repeat(60_000)}', x'' FROM n`);
  }
  using client = await LineClient.connect(server.addr);
  const tooMuch = "ERR more than 1 MiB of keys match; give a narrower pattern";
  assertEquals(await client.ask("KEYS *"), tooMuch);
  assertEquals((await client.ask("KEYS 100*")).length, 10 * 60_005 - 1);
  assertEquals(await client.ask(`KEYS *${"k".repeat(200)}`), tooMuch);
});

Deno.test("kv refuses keys that SQLite would compare for long, however long lines may be", async () => {
  using folder = new KvFolder();
  await using server = await folder.start(["--max-line", "1000000"]);
  using client = await LineClient.connect(server.addr);
  const tooLong = "ERR a key may have up to 65536 bytes";
  for (const key of ["a".repeat(65_537), "ä".repeat(32_769)]) {
    assertEquals(await client.ask(`SET ${key} 1`), tooLong);
    assertEquals(await client.ask(`DEL ${key}`), "0");
  }
  assertEquals(await client.ask(`SET ${"ä".repeat(32_768)} 1`), "OK");
  {
    using other = new DatabaseSync(folder.database);
    other.exec(`INSERT INTO kv (k, v) VALUES ('${"b".repeat(900_000)}', x'')`);
  }
  assertEquals(await client.ask("KEYS b*"), "", "such a key of another program is passed over");
});

Deno.test("kv gives no reply that looks like an error and is none", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  using client = await LineClient.connect(server.addr);
  assertEquals(await client.ask("SET ERR 1"), 'ERR a key must not be "ERR"');
  assertEquals(await client.ask("SET FOO 2"), "OK");
  assertEquals(await client.ask("KEYS *"), "FOO");
  {
    using other = new DatabaseSync(folder.database);
    other.exec("INSERT INTO kv (k, v) VALUES ('ERR', x'31'), ('GOT', CAST('ERR boom' AS BLOB))");
  }
  assertEquals(await client.ask("GET GOT"), 'ERR the value begins with "ERR "');
  assertEquals(await client.ask("DEL GOT"), "1");
  assertEquals(await client.ask("KEYS *"), 'ERR the first key is "ERR"; DEL ERR removes it');
  assertEquals(await client.ask("KEYS E*"), "ERR");
  assertEquals(await client.ask("GET ERR"), "1");
  assertEquals(await client.ask("DEL ERR"), "1");
  assertEquals(await client.ask("KEYS *"), "FOO");
});
