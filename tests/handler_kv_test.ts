/** The handler `kv`: its commands, its file, and that nothing acknowledged is lost, whatever is killed. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LockWait } from "../lib/handlers/kv_lock.ts";
import {
  bytesOf,
  byteString,
  exchange,
  exchangeText,
  LineClient,
} from "../scripts/tools/line_client.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { GRANTED, KvFolder, Ledger } from "./helpers/handler_kv.ts";
import { playSection } from "./helpers/played_page.ts";
import { LONG } from "./helpers/long.ts";
import { ROOT, runProgram } from "./helpers/program.ts";

const MISSING = "ERR there is no such key";
/** Flags of a server that gives up no job, however long a busy machine takes for it. */
const PATIENT = ["--job-timeout", "0"];

const WRONG_KEY = "ERR a key must be valid UTF-8 without spaces or control characters";

/** A session: each line, and its reply. */
const SESSION: readonly (readonly [line: string, reply: string])[] = [
  ["GET a", MISSING],
  ["SET a 1", "OK"],
  ["GET a", "1"],
  ["SET a  two words, and spaces ", "OK"],
  ["GET a", " two words, and spaces "],
  ["set ä/€ in any case", "OK"],
  ["get ä/€", "in any case"],
  ["SET empty ", "OK"],
  ["GET empty", ""],
  ["SET A another key", "OK"],
  ["SET a1 ERR", "OK"],
  ["KEYS *", "A a a1 empty ä/€"],
  ["KEYS a*", "a a1"],
  ["KEYS ?", "A a"],
  ["KEYS [^a]*", "A empty ä/€"],
  ["KEYS none*", ""],
  ["DEL a", "1"],
  ["DEL a", "0"],
  ["GET a", MISSING],
  ["SET k '); DROP TABLE kv; --", "OK"],
  ["GET k", "'); DROP TABLE kv; --"],
  ["", "ERR the command must have the form GET key, SET key value, DEL key or KEYS pattern"],
  ["PUT a 1", "ERR the command must have the form GET key, SET key value, DEL key or KEYS pattern"],
  ["GET", "ERR the command must have the form GET key"],
  ["GET a b", "ERR the command must have the form GET key"],
  ["SET a", "ERR the command must have the form SET key value"],
  ["SET  value", "ERR the command must have the form SET key value"],
  ["DEL ", "ERR the command must have the form DEL key"],
  ["KEYS", "ERR the command must have the form KEYS pattern"],
  ["SET a\0b 1", WRONG_KEY],
  ["GET a\tb", WRONG_KEY],
  ...[0x7f, 0x85, 0x9f, 0xa0, 0x1680, 0x2003, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000].map((point) =>
    [`SET a${String.fromCodePoint(point)}b 1`, WRONG_KEY] as const
  ),
  ["KEYS *\u00a0", WRONG_KEY],
  ['SET a ERR it does not say "OK"', 'ERR a value must not begin with "ERR "'],
];

Deno.test("kv answers each command by what its file holds", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  const lines = SESSION.map(([line]) => `${line}\n`).join("");
  const replies = (await exchangeText(server.addr, lines)).split("\n");
  for (const [index, [line, reply]] of SESSION.entries()) assertEquals(replies[index], reply, line);
});

Deno.test("kv keeps values byte by byte, and refuses keys that are no UTF-8", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("")
    .replace(/[\r\n]/g, "");
  const values = [bytes, "\xef\xbb\xbfBOM", "\xff", "\xe2\x82", "\xed\xb2\x80", "x".repeat(65_000)];
  for (const value of values) {
    const answer = await exchange(server.addr, bytesOf(`SET a ${value}\nGET a\n`));
    assertEquals(byteString(answer), `OK\n${value}\n`);
  }
  const wrong = await exchange(server.addr, bytesOf("SET \xff 1\nKEYS \xfe*\n"));
  assertEquals(byteString(wrong), `${WRONG_KEY}\n${WRONG_KEY}\n`);
});

Deno.test("kv shows all workers what one has stored, from its reply on", async () => {
  using folder = new KvFolder();
  await using server = await folder.start(["--order", "serial"]);
  using writer = await LineClient.connect(server.addr);
  const readers = await Promise.all(
    Array.from({ length: 6 }, () => LineClient.connect(server.addr)),
  );
  try {
    for (let round = 0; round < 50; round++) {
      assertEquals(await writer.ask(`SET a ${round}`), "OK");
      const seen = await Promise.all(readers.map((reader) => reader.ask("GET a")));
      assertEquals(seen, readers.map(() => String(round)));
    }
  } finally {
    for (const reader of readers) reader.close();
  }
});

Deno.test("kv refuses to list more than 10000 keys", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  {
    using other = new DatabaseSync(folder.database);
    other.exec(`WITH RECURSIVE n (i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO kv (k, v) SELECT i, CAST(i AS BLOB) FROM n`);
  }
  using client = await LineClient.connect(server.addr);
  assertMatch(await client.ask("KEYS *"), /^ERR more than 10000 keys match/);
  assertEquals(await client.ask("DEL 10000"), "1");
  const keys = Array.from({ length: 10_000 }, (_, index) => String(10_001 + index));
  assertEquals(await client.ask("KEYS *"), keys.join(" "));
});

Deno.test("kv ends the start in one line with the flags that are missing, which will do", async () => {
  using folder = new KvFolder();
  const args = ["serve", "--port", "0", "--handler", "kv"];
  for (const given of [[], GRANTED.slice(0, 1), GRANTED.slice(1)]) {
    const { code, stdout, stderr } = await runProgram([...args, ...given], { cwd: folder.path });
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertMatch(stderr, /^hsha: cannot load the handler kv: [^\n]+\n$/);
    assertStringIncludes(stderr, GRANTED.join(" "));
  }
  await using _server = await folder.start();
});

for (
  const [file, reason] of [
    [":memory:", /WAL mode/],
    ["missing/kv.sqlite", /unable to open database file/],
    [`${ROOT}main.ts`, /not a database/],
  ] as const
) {
  Deno.test(`kv ends the start in one line when its file is ${file.replace(ROOT, "")}`, async () => {
    const args = ["--port", "0", "--handler", "kv", "--allow-read", "--allow-write", "--allow-env"];
    const { code, stderr } = await runProgram(args, { env: { HSHA_KV_FILE: file } });
    assertEquals(code, 1);
    assertMatch(stderr, /^hsha: cannot load the handler kv: its database file [^\n]+\n$/);
    assertStringIncludes(stderr, file);
    assertMatch(stderr, reason);
  });
}

Deno.test("kv uses the file of HSHA_KV_FILE, and waits at the start while it is locked", async () => {
  using folder = new KvFolder();
  const file = `${folder.path}/other.sqlite`;
  const args = ["--workers", "4", "--handler", "kv", "--allow-env=HSHA_KV_FILE"];
  using lock = new DatabaseSync(file);
  lock.exec("BEGIN IMMEDIATE");
  await using server = FaultServer.launch(
    ["--port", "0", "--log", "json", ...args, `--allow-read=${file}`, `--allow-write=${file}`],
    { env: { HSHA_KV_FILE: file } },
  );
  const descriptors = () => [...Deno.readDirSync(`/proc/${server.pid}/fd`)].map(({ name }) => name);
  const opened = (descriptor: string) => {
    try {
      return Deno.readLinkSync(`/proc/${server.pid}/fd/${descriptor}`) === file;
    } catch {
      return false; // it was closed meanwhile
    }
  };
  await until(() => descriptors().filter(opened).length >= 4, "all workers have opened the file");
  lock.exec("ROLLBACK");
  const { addr } = await server.event("listening");
  using client = await LineClient.connect(addr as Deno.Addr);
  assertEquals(await client.ask("SET a 1"), "OK");
  assertEquals(lock.prepare("SELECT k, CAST(v AS TEXT) AS v FROM kv").get(), { k: "a", v: "1" });
});

Deno.test(
  "kv has every key that it acknowledged when its process was killed in the middle",
  LONG,
  async () => {
    using folder = new KvFolder();
    const ledger = new Ledger();
    for (let round = 1; round <= 3; round++) {
      await using server = await folder.start(PATIENT);
      await ledger.verify(server.addr);
      const enough = ledger.acknowledgements + 120;
      let killed = false;
      const more = () => {
        if (!killed && ledger.acknowledgements >= enough) {
          killed = true;
          server.kill("SIGKILL");
        }
        return !killed;
      };
      const names = Array.from({ length: 6 }, (_, client) => `client${client}`);
      await Promise.all(names.map((name) => ledger.storm(server.addr, { name, more })));
      assertEquals((await server.ended()).signal, "SIGKILL");
    }
    await using server = await folder.start();
    await ledger.verify(server.addr);
    using database = new DatabaseSync(folder.database);
    assertEquals(database.prepare("PRAGMA integrity_check").get(), { integrity_check: "ok" });
  },
);

Deno.test(
  "kv has every key that it acknowledged when workers die between commit and reply",
  LONG,
  async () => {
    using folder = new KvFolder();
    const handler = `${ROOT}tests/helpers/handler_kv_mortal.ts`;
    await using server = await folder.start(PATIENT, handler);
    const ledger = new Ledger();
    const names = Array.from({ length: 4 }, (_, client) => `client${client}`);
    const more = () => ledger.acknowledgements < 300;
    const verb = (number: number) => number % 50 === 0 ? "DIE SET" : "SET";
    await Promise.all(names.map((name) => ledger.storm(server.addr, { name, more, verb })));
    await ledger.verify(server.addr);
    assertEquals((await server.stop()).code, 0);
    const deaths = Number(server.stderr.match(/ replaced=(\d+)/)?.[1]);
    assert(deaths >= 4, `only ${deaths} workers died: ${server.stderr}`);
  },
);

Deno.test("kv reads while another process writes, and waits to write until it may", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  using client = await LineClient.connect(server.addr);
  using other = await LineClient.connect(server.addr);
  assertEquals(await client.ask("SET a 1"), "OK");
  using lock = new DatabaseSync(folder.database);
  lock.exec("BEGIN EXCLUSIVE; UPDATE kv SET v = CAST('9' AS BLOB)");
  const waiting = client.ask("SET a 2");
  for (let ask = 0; ask < 20; ask++) assertEquals(await other.ask("GET a"), "1");
  lock.exec("COMMIT");
  assertEquals(await waiting, "OK");
  assertEquals(await other.ask("GET a"), "2");
});

Deno.test(
  "kv tells of a lock while its job has time left, and keeps its workers",
  LONG,
  async () => {
    using folder = new KvFolder();
    await using server = await folder.start(["--job-timeout", "9", "--max-abandoned", "1"]);
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("SET a 1"), "OK");
    using lock = new DatabaseSync(folder.database);
    lock.exec("BEGIN IMMEDIATE");
    const locked = "ERR the database was locked for 6 seconds; nothing was changed";
    assertEquals(await client.ask("SET a 2"), locked);
    assertEquals(await client.ask("GET a"), "1");
    lock.exec("ROLLBACK");
    assertEquals(await client.ask("SET b 3"), "OK");
    assertEquals(await client.ask("GET a"), "1");
    assertEquals((await within(server.stop(), "the stop")).code, 0);
    assertEquals(server.stderr.includes("replaced worker"), false, server.stderr);
  },
);

Deno.test("kv waits for a lock for two thirds of a job's time, and 20 seconds at the most", () => {
  const waits = [0, 600, 30, 6, 5, 1, 0.1, 0.01].map((jobTimeout) => {
    const { seconds, step } = new LockWait(jobTimeout);
    assert(jobTimeout === 0 || seconds + step / 1000 < jobTimeout, `${seconds} of ${jobTimeout}`);
    return Math.round(seconds * 1000) / 1000;
  });
  assertEquals(waits, [20, 20, 20, 4, 3.3, 0.6, 0.067, 0.007]);
});

Deno.test("docs/handlers.md prints what really appears with kv", () =>
  playSection("docs/handlers.md", "kv"));
