/** The handlers of docs/examples that keep what they are told in SQLite: syslog.ts and memcached.ts. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import * as memcached from "../docs/examples/memcached.ts";
import * as syslog from "../docs/examples/syslog.ts";
import { FakeConnection } from "./helpers/fake_context.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";

Deno.test("syslog.ts keeps each message with what its priority says", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("log.db");
  const connection = new FakeConnection(syslog, file);
  const messages = [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 - a; 'b\"",
    "Use the BFG!",
    "<999999>",
    "<0>",
  ];
  assertEquals(await connection.say(...messages), []);
  syslog.dispose();
  using database = new DatabaseSync(file);
  const rows = database.prepare("SELECT * FROM log").all();
  assertEquals(
    rows.map(({ sender, facility, severity, message }) => [
      sender,
      facility,
      severity,
      message,
    ]),
    [
      ["127.0.0.1", 4, 2, messages[0].slice(4)],
      ["127.0.0.1", 20, 5, messages[1].slice(5)],
      ["127.0.0.1", 1, 5, messages[2]],
      ["127.0.0.1", 1, 5, messages[3]],
      ["127.0.0.1", 0, 0, ""],
    ],
  );
  assertMatch(String(rows[0].time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

Deno.test("memcached.ts sets, gets and deletes, any bytes of one line", async () => {
  using folder = new TemporaryFolder();
  const connection = new FakeConnection(memcached, folder.file("cache.db"));
  assertEquals(await connection.open(), []);
  const set = (key: string, bytes: number, data: string) => [`set ${key} 5 0 ${bytes}`, data];
  assertEquals(
    await connection.say(
      ...set("a", 5, "hello"),
      ...set("b", 0, ""),
      ...set("c", 4, "é\udcff\udc80"),
      ...set("d", 3, "get"),
      ...["set e 0 0 1 noreply", "x"],
      "get a b c no d e",
    ),
    [
      ...["STORED", "STORED", "STORED", "STORED"],
      ...["VALUE a 5 5", "hello", "VALUE b 5 0", "", "VALUE c 5 4", "é\udcff\udc80"],
      ...["VALUE d 5 3", "get", "VALUE e 0 1", "x", "END"],
    ],
  );
  assertEquals(
    await connection.say("delete a", "delete a", "delete b noreply", "get a b", "GET a", "get", ""),
    ["DELETED", "NOT_FOUND", "END", "ERROR", "ERROR", "ERROR"],
  );
  assertEquals(await connection.say(...set("f", 9, "delete d"), "get d"), [
    "CLIENT_ERROR bad data chunk: it holds a line end, or is not of that length",
  ]);
  assert(connection.ended, "what follows could be data that looks like commands");
  const other = new FakeConnection(memcached, folder.file("cache.db"));
  await other.open();
  assertEquals(await other.say("get d f", "quit", "get d"), ["VALUE d 5 3", "get", "END"]);
  memcached.dispose();
  assertThrows(() => memcached.default("get d", other), Error);
});
