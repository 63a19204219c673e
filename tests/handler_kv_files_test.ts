/** The files of the handler `kv`: which they are, what becomes of them at the end, and when they are gone. */

import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertThrows } from "@std/assert";
import { launch } from "../lib/half_sync/worker/launch.ts";
import { WorkerPool } from "../lib/half_sync/pool/worker_pool.ts";
import { settingsOf } from "../lib/handlers/defaults.ts";
import type { ServeOptions } from "../lib/options.ts";
import { storeFile } from "../lib/handlers/kv_open.ts";
import { KvStore } from "../lib/handlers/kv_store.ts";
import { handlerUrl } from "../lib/handlers/mod.ts";
import { DescriptorReserve } from "../lib/descriptors.ts";
import { exchangeText, LineClient } from "../scripts/tools/line_client.ts";
import { KvFolder } from "./helpers/handler_kv.ts";
import { LONG } from "./helpers/long.ts";

const GONE = "ERR its files were removed or replaced while the server ran; nothing was changed; " +
  "restart the server";

/** Names of the files in a folder. */
function names({ path }: KvFolder): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

/** What a database file holds, read without those that may belong to it. */
function contents(file: string): string[] {
  using folder = new KvFolder();
  Deno.copyFileSync(file, folder.database);
  using database = new DatabaseSync(folder.database);
  return database.prepare("SELECT k, CAST(v AS TEXT) AS v FROM kv ORDER BY k").all()
    .map(({ k, v }) => `${k}=${v}`);
}

Deno.test("kv's dispose leaves one file that holds all, whoever disposes last", async () => {
  using folder = new KvFolder();
  const other = new KvStore(folder.database);
  launch({ processId: "1", workerId: 1, args: [folder.database], jobTimeout: 30 });
  const kv = await import("../lib/handlers/kv.ts");
  assertEquals(kv.default("SET a 1"), "OK");
  other.set("b", "2");
  other.close();
  assertEquals(names(folder).length, 3);
  kv.dispose();
  assertEquals(names(folder), ["hsha-kv.sqlite"]);
  assertEquals(contents(folder.database), ["a=1", "b=2"]);
});

Deno.test("KvStore.close leaves all in the database, though another program has it open", () => {
  using folder = new KvFolder();
  const store = new KvStore(folder.database);
  using other = new DatabaseSync(folder.database);
  store.set("a", "1");
  assertEquals(other.prepare("SELECT k FROM kv").all().length, 1);
  store.close();
  assertEquals(contents(folder.database), ["a=1"]);
  assertEquals(Deno.statSync(`${folder.database}-wal`).size, 0);
});

Deno.test({
  name:
    "kv leaves one file that holds all when its server stops, and a copy put in its place counts",
  async fn() {
    using folder = new KvFolder();
    const copy = `${folder.path}/copy`;
    for (const value of ["1", "2"]) {
      await using server = await folder.start();
      assertEquals(
        await exchangeText(server.addr, `SET a ${value}\n`.repeat(50)),
        "OK\n".repeat(50),
      );
      assertEquals((await server.stop()).code, 0);
      if (value === "1") Deno.copyFileSync(folder.database, copy);
    }
    assertEquals(names(folder), ["copy", "hsha-kv.sqlite"]);
    Deno.renameSync(copy, folder.database);
    await using server = await folder.start();
    assertEquals(await exchangeText(server.addr, "GET a\n"), "1\n");
  },
});

/** What may become of the files while a server runs; each gives the function that undoes it. */
const LOSSES: Record<string, (file: string) => () => void> = {
  "removed": (file) => {
    Deno.renameSync(file, `${file}.gone`);
    return () => Deno.renameSync(`${file}.gone`, file);
  },
  "replaced": (file) => {
    Deno.renameSync(file, `${file}.gone`);
    Deno.writeTextFileSync(file, "");
    return () => Deno.renameSync(`${file}.gone`, file);
  },
};

for (const [name, lose] of Object.entries(LOSSES)) {
  Deno.test(`kv acknowledges nothing while its file is ${name}`, async () => {
    using folder = new KvFolder();
    await using server = await folder.start();
    using client = await LineClient.connect(server.addr);
    for (let round = 0; round < 9; round++) assertEquals(await client.ask("SET a 1"), "OK");
    const undo = lose(folder.database);
    for (const command of ["SET a 2", "SET b 2", "DEL a"]) {
      for (let round = 0; round < 9; round++) assertEquals(await client.ask(command), GONE);
    }
    undo();
    assertEquals(await client.ask("SET c 3"), "OK");
    assertEquals(await client.ask("KEYS *"), "a c");
  });
}

Deno.test("KvStore stores nothing while the files beside its own are gone, where it may see them", () => {
  for (const end of ["-wal", "-shm"]) {
    using folder = new KvFolder();
    using store = new KvStore(folder.database);
    store.set("a", "1");
    Deno.renameSync(folder.database + end, `${folder.path}/gone`);
    assertThrows(() => store.set("a", "2"), Error, GONE.slice(4));
    Deno.renameSync(`${folder.path}/gone`, folder.database + end);
    store.set("b", "3");
    assertEquals(store.get("a"), "1");
  }
});

Deno.test("KvStore.get looks for its file once a second", LONG, async () => {
  using folder = new KvFolder();
  using store = new KvStore(folder.database);
  store.set("a", "1");
  Deno.renameSync(folder.database, `${folder.path}/gone`);
  await new Promise((resolve) => setTimeout(resolve, 1001));
  assertThrows(() => store.get("a"), Error, GONE.slice(4));
  Deno.renameSync(`${folder.path}/gone`, folder.database);
});

Deno.test("kv keeps its keys in the file that is its argument", async () => {
  using folder = new KvFolder();
  const file = `${folder.path}/named.sqlite`;
  const descriptors = new DescriptorReserve();
  const pool = await WorkerPool.start({
    workers: 1,
    handler: handlerUrl("kv"),
    handlerArgs: [file],
    permissions: { read: [file], write: [file] },
    bootTimeout: 1000,
    jobTimeout: 30,
    drainTimeout: 10,
    settle: () => ({
      terminator: "\n",
      jobTimeout: 30,
      maxReply: 1_000_000,
      maxHeap: 0,
      pinned: false,
    }),
    maxAbandoned: 1,
    descriptors,
    onEvent: () => {},
  });
  pool.close();
  descriptors.close();
  assertEquals(names(folder)[0], "named.sqlite");
  assertThrows(() => storeFile(["a", "b"]), Error, "its only argument is its database file");
  assertThrows(() => storeFile([""]), Error, "its only argument is its database file");
});

Deno.test("kv is served in serial order and to no web client, unless the user says otherwise", async () => {
  const meant = { order: "serial", refuseHttp: true } as const;
  const { defaults } = await import("../lib/handlers/kv.ts");
  assertEquals(defaults, meant);
  const chosen = ({ order, refuseHttp }: ServeOptions) => ({ order, refuseHttp });
  assertEquals(chosen(settingsOf({ order: undefined, port: 1 }, defaults)), meant);
  const said = { order: "completion", refuseHttp: false } as const;
  assertEquals(chosen(settingsOf(said, defaults)), said);
  assertEquals(chosen(settingsOf({}, undefined)), { order: "request", refuseHttp: false });
});
