/** Unix sockets: whose file it is, and who removes it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UnixSocket } from "../lib/half_async/unix_socket.ts";
import { serve } from "../lib/mod.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

Deno.test("Listener serves a Unix socket, half-close and all, and removes its file at the stop", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("socket");
  const server = await startServer({ unix: path, workers: 1 });
  using client = await server.connect();
  assertEquals(await client.ask("hello"), "1 hello");
  await client.send("no end");
  await client.finish();
  assertEquals(await client.restText(), "1 no end\n");
  await server[Symbol.asyncDispose]();
  assertEquals(folder.names(), []);
});

Deno.test("Listener replaces the socket file of a server that was killed", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("socket");
  const first = await FaultServer.start(["--unix", path, "--workers", "1"]);
  first.kill("SIGKILL");
  await first.status;
  assert(Deno.lstatSync(path).isSocket, "its file is left");
  await using second = await FaultServer.start(["--unix", path, "--workers", "1"]);
  using client = await second.connect();
  assertEquals(await client.ask("again"), "1 again");
  assertEquals((await second.stop()).code, 0);
  assertEquals(folder.names(), []);
});

Deno.test("Listener leaves the socket file of a live server alone", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("socket");
  await using first = await startServer({ unix: path, workers: 1 });
  await assertRejects(() => serve({ unix: path, workers: 1 }), Error, "the address is in use");
  using client = await first.connect();
  assertEquals(await client.ask("still here"), "1 still here");
});

Deno.test("Listener refuses a path that is no socket, and removes nothing", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("precious");
  Deno.writeTextFileSync(file, "data");
  Deno.mkdirSync(folder.file("folder"));
  Deno.symlinkSync(file, folder.file("link"));
  for (const name of ["precious", "folder", "link"]) {
    await assertRejects(() => serve({ unix: folder.file(name), workers: 1 }), Error, "in use");
  }
  assertEquals(Deno.readTextFileSync(file), "data");
  assertEquals(folder.names(), ["folder", "link", "precious"]);
});

Deno.test("Listener leaves the socket file of the server that took its place", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("socket");
  const old = await startServer({ unix: path, workers: 1 });
  await using next = await startServer({ unix: folder.file("next"), workers: 1 });
  Deno.renameSync(folder.file("next"), path);
  await old[Symbol.asyncDispose]();
  assertEquals(folder.names(), ["socket"]);
  assertEquals(next.addr, { transport: "unix", path: folder.file("next") });
  using client = await LineClient.connect({ transport: "unix", path });
  assertEquals(await client.ask("still here"), "1 still here");
});

Deno.test(
  "Listener takes a dead server's socket for one of those that start at once",
  LONG,
  async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("socket");
    for (let round = 0; round < 20; round++) {
      leaveStale(path);
      const starts = await Promise.allSettled(
        Array.from({ length: 5 }, () => UnixSocket.listen(path)),
      );
      const listening = starts.filter((start) => start.status === "fulfilled");
      assertEquals(listening.length, 1, `round ${round}`);
      const [{ value: socket }] = listening;
      const accepting = socket.listener.accept();
      const client = await Deno.connect({ transport: "unix", path });
      (await accepting).close();
      client.close();
      socket.close();
      assertEquals(folder.names(), []);
    }
  },
);

/** Leaves a socket file behind that nobody listens on. */
function leaveStale(path: string): void {
  const listener = Deno.listen({ transport: "unix", path: `${path}.first` });
  Deno.renameSync(`${path}.first`, path);
  listener.close();
}

Deno.test("Listener gives its socket the mode that it is told, and else that of the umask", async () => {
  using folder = new TemporaryFolder();
  const path = folder.file("socket");
  const modes: [mode: number | undefined, expected: number][] = [
    [0o660, 0o660],
    [0o777, 0o777],
    [0, 0],
    [undefined, 0o777 & ~Deno.umask()],
  ];
  for (const [socketMode, expected] of modes) {
    await using _server = await startServer({ unix: path, socketMode, workers: 1 });
    assertEquals(Deno.lstatSync(path).mode! & 0o777, expected);
  }
  await using server = await FaultServer.start(["--unix", path, "--socket-mode", "620"]);
  assertEquals(Deno.lstatSync(path).mode! & 0o777, 0o620);
  assertEquals((await server.stop()).code, 0);
});

Deno.test("Listener says in one line why it cannot listen", async () => {
  using folder = new TemporaryFolder();
  for (
    const [path, reason] of [
      [folder.file("missing/socket"), /: No such file or directory$/],
      [folder.file("x".repeat(200)), /path must be shorter|SUN_LEN|too long/],
    ] as const
  ) {
    await using server = FaultServer.launch(["--unix", path]);
    assertEquals((await server.status).code, 1);
    assertEquals(server.lines.length, 1, server.lines.join("\n"));
    assertMatch(server.lines[0], reason);
  }
});
