/** The log's reader may do what it likes: neither the lines of clients nor the stop wait for it. */

import { assertEquals, assertMatch } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { DeafProgram } from "./helpers/deaf_reader.ts";
import { until } from "../scripts/tools/deadline.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

const ON_LINUX = { ignore: Deno.build.os !== "linux" };
const LONG_ON_LINUX = { ignore: LONG.ignore || ON_LINUX.ignore };

const SERVE = ["--unix", "FOLDER/socket", "--workers", "1", "--log-level", "debug"];

/** A client of the server, once it listens. */
async function connect({ folder }: DeafProgram): Promise<LineClient> {
  const path = folder.file("socket");
  await until(() => folder.names().includes("socket"), "the server's socket");
  return await LineClient.connect({ transport: "unix", path });
}

Deno.test("serve answers and stops while nobody reads its log", LONG_ON_LINUX, async () => {
  await using server = await DeafProgram.start(SERVE);
  using client = await connect(server);
  assertEquals(await client.ask("hello"), "1 hello");
  for (let count = 0; count < 200; count++) (await connect(server)).close();
  assertEquals(await client.ask("still here"), "1 still here");
  client.close();
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
});

Deno.test("a second signal ends a server whose log nobody reads", ON_LINUX, async () => {
  const handler = ["--handler", handlerFile("trouble")];
  await using server = await DeafProgram.start([...SERVE, ...handler]);
  using client = await connect(server);
  assertEquals(await client.ask("hello"), "1 hello");
  await client.send("hang\n");
  server.kill("SIGTERM"); // waits for the job
  await until(() => !server.folder.names().includes("socket"), "the stop");
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 143);
});

Deno.test(
  "serve logs in order what it had to say when its log is read at last",
  ON_LINUX,
  async () => {
    await using server = await DeafProgram.start(SERVE);
    for (let count = 0; count < 50; count++) {
      using client = await connect(server);
      assertEquals(await client.ask(`${count}`), `1 ${count}`);
    }
    server.kill("SIGTERM");
    const log = await server.read(/ info stopped[^\n]*\n/);
    assertEquals(await server.ended(), 0);
    const lines = log.trimEnd().split("\n");
    assertMatch(lines[0], /info listening on /);
    assertEquals(lines.filter((line) => line.includes(" debug closed ")).length, 50);
    const times = lines.map((line) => line.slice(0, 24));
    assertEquals(times, times.toSorted());
  },
);

Deno.test(
  "hsha says how many log lines were lost when its log is read at last",
  LONG_ON_LINUX,
  async () => {
    await using server = await DeafProgram.start([...SERVE, "--log", "json"]);
    for (let round = 0; round < 1000; round++) {
      await Promise.all(Array.from({ length: 8 }, async () => {
        using client = await connect(server);
        await client.ask("a"); // a log line for each: a mebibyte and more in all
      }));
    }
    using client = await connect(server);
    assertEquals(await client.ask("hello"), "1 hello");
    const log = await server.read(/"log_lines_lost"[^\n]*\n/);
    const lines = log.trimEnd().split("\n").map((line) => JSON.parse(line));
    const lost = lines.find(({ type }) => type === "log_lines_lost");
    assertEquals([lost.level, lost.reason], ["warn", "nobody takes them in time"]);
    const closed = lines.filter(({ type }) => type === "connection_closed").length;
    assertEquals(closed + lost.times, 8000);
    server.kill("SIGTERM");
    assertEquals(await server.ended(), 0);
  },
);

Deno.test("hsha ends with its exit code when nobody reads why", LONG_ON_LINUX, async () => {
  const failures = [[["--nonsense"], 2], [["--handler", "/none.ts"], 1]] as const;
  await Promise.all(failures.map(async ([args, code]) => {
    await using program = await DeafProgram.start(args);
    assertEquals(await program.ended(), code);
  }));
});

Deno.test("serve has written its whole log when it ends", async () => {
  await using server = await FaultServer.start(["--workers", "1"]);
  assertEquals(server.log[0].type, "listening");
  assertEquals((await server.stop()).code, 0);
  assertEquals(server.log.at(-1)?.type, "stopped", "the last line is out before the end");
});
