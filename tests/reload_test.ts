/** A reload: the handler is loaded anew, worker after worker, and no line is lost, run twice or out of order. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ServerEvent } from "../lib/mod.ts";
import { until } from "../scripts/tools/deadline.ts";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { startServer } from "./helpers/server.ts";
import { AT_TERMINAL, PROGRAM, Terminal } from "./helpers/terminal.ts";

/** A handler file that can be written anew, and where its workers leave how many lines they have run. */
class VersionedHandler implements Disposable {
  readonly #folder = new TemporaryFolder();
  readonly file = this.#folder.file("handler.js");
  readonly url = new URL(`file://${this.file}`);
  readonly counts = this.#folder.file("counts");

  constructor() {
    Deno.mkdirSync(this.counts);
    this.write("1");
  }

  /**
   * Puts another one in its place, as a whole: a worker may be loading it. Its replies begin with the
   * version; what is no expression is a syntax error.
   */
  write(version: string): void {
    const fresh = this.#folder.file("fresh.js");
    Deno.writeTextFileSync(
      fresh,
      `const VERSION = ${version}; let runs = 0;
      export default (line) => { runs++; return VERSION + " " + line; };
      export function dispose() {
        const file = ${JSON.stringify(this.counts)} + "/" + crypto.randomUUID();
        Deno.writeTextFileSync(file, String(runs));
      }`,
    );
    Deno.renameSync(fresh, this.file);
  }

  /** What each worker that has ended has run. */
  get runs(): number[] {
    return [...Deno.readDirSync(this.counts)]
      .map(({ name }) => Number(Deno.readTextFileSync(`${this.counts}/${name}`)));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** What clients have sent and got so far. */
interface Load {
  answered: number;
  /** Whether it is enough. */
  ends: boolean;
}

/** Sends four lines at a time, and looks at each reply, until the load ends. */
async function send(client: LineClient, name: number, load: Load): Promise<void> {
  let lines = 0;
  while (!load.ends) {
    const sent = Array.from({ length: 4 }, () => `${name}/${lines++}`);
    await client.send(`${sent.join("\n")}\n`);
    const replies = await client.replies(sent.length);
    assertEquals(replies.map((reply) => reply.split(" ")[1]), sent);
    load.answered += sent.length;
  }
}

Deno.test({
  name: "serve loses no line of 100 clients through ten reloads at SIGHUP, and runs none twice",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using handler = new VersionedHandler();
    const args = ["--workers", "2", "--handler", handler.file, "--allow-write"];
    await using server = await FaultServer.start(args);
    const clients = await Promise.all(Array.from({ length: 100 }, () => server.connect()));
    const load = { answered: 0, ends: false };
    const sent = Promise.all(clients.map((client, name) => send(client, name, load)));
    for (let version = 2; version <= 11; version++) {
      const wanted = load.answered + 500;
      await until(() => load.answered >= wanted, "500 lines more");
      handler.write(String(version));
      const from = server.log.length;
      server.kill("SIGHUP");
      await server.event("reloaded", { from });
    }
    load.ends = true;
    await sent;
    for (const client of clients) {
      assertEquals(await client.ask("at last"), "11 at last");
      client.close();
    }
    const { code, counters } = await server.stop();
    const { accepted, answered, failed, gone, replaced } = counters;
    assertEquals([code, failed, gone, replaced], [0, 0, 0, 20]);
    assertEquals([accepted, answered], [load.answered + 100, load.answered + 100]);
    assertEquals(handler.runs.length, 22, "each worker has disposed of what it had");
    assertEquals(sum(handler.runs), accepted, "each line has run once");
    const levels = server.log.filter(({ type }) => type === "worker_renewed");
    assertEquals(sum(levels.map(({ times = 1 }) => Number(times))), 20);
    assert(levels.every(({ level, reason }) => level === "info" && reason === "reload"));
  },
});

Deno.test("Server.reload lets a second one wait for the first, and the workers stay when it fails", async () => {
  using handler = new VersionedHandler();
  await using server = await startServer({
    handler: handler.url,
    permissions: { write: true },
  });
  using client = await server.connect();
  const told = () =>
    server.events.map((event: ServerEvent) =>
      event.type === "worker_renewed" ? event.worker : event.type
    ).slice(1);
  handler.write("2");
  const first = server.server.reload();
  await server.event("worker_renewed");
  handler.write("3");
  await Promise.all([first, server.server.reload(), server.server.reload()]);
  assertEquals(told(), [1, 2, "reloaded", 1, 2, "reloaded"]);
  assertEquals(await client.ask("one"), "3 one");

  handler.write("4 +");
  const error = await assertRejects(() => server.server.reload(), Error);
  const [{ reason }] = server.eventsOf("reload_failed");
  assertEquals(error.message, reason);
  assertMatch(reason, /handler\.js: .*[Ee]xpression/);
  for (let line = 0; line < 50; line++) assertEquals(await client.ask("two"), "3 two");

  handler.write("4");
  await server.server.reload();
  for (let line = 0; line < 50; line++) assertEquals(await client.ask("three"), "4 three");
  assertEquals(server.server.counters.replaced, 6);
});

Deno.test("Server.reload is ended by a stop, which says nothing of it", async () => {
  using handler = new VersionedHandler();
  const renewed = Promise.withResolvers<void>();
  await using server = await startServer({
    handler: handler.url,
    permissions: { write: true },
    onEvent: ({ type }) => type === "worker_renewed" && renewed.resolve(),
  });
  const reloading = server.server.reload();
  await renewed.promise; // and the next one boots
  await server.server.shutdown();
  await reloading;
  assertEquals([server.eventsOf("reload_failed"), server.eventsOf("reloaded")], [[], []]);
  assertEquals(server.events.at(-1)?.type, "stopped");
});

Deno.test({
  name: "hsha says at SIGHUP why a handler cannot be loaded, and goes on with the one it has",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using handler = new VersionedHandler();
    const args = ["--workers", "1", "--handler", handler.file, "--allow-write"];
    await using server = await FaultServer.start(args);
    using client = await server.connect();
    Deno.removeSync(handler.file);
    server.kill("SIGHUP");
    const { level, reason } = await server.event("reload_failed");
    assertEquals(level, "error");
    assertMatch(String(reason), /handler\.js/);
    assertEquals(await client.ask("still"), "1 still");
    assertEquals((await server.stop()).code, 0);
  },
});

Deno.test({
  name: "hsha does a SIGHUP that comes while it starts when it has started",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using folder = new TemporaryFolder();
    const [file, gate] = [folder.file("handler.js"), folder.file("gate")];
    const isThere = `try { Deno.statSync(${
      JSON.stringify(gate)
    }); break; } catch { /* not yet */ }`;
    Deno.writeTextFileSync(
      file,
      `console.error("loading");
      for (;;) {
        ${isThere}
        await new Promise((done) => setTimeout(done, 5));
      }
      export default () => "old";`,
    );
    const args = ["--handler", file, "--allow-read", "--workers", "1", "--port", "0"];
    await using server = FaultServer.launch([...args, "--log", "json"]);
    await server.written(/^loading$/m);
    Deno.writeTextFileSync(file, `export default () => "new";`);
    server.kill("SIGHUP");
    Deno.writeTextFileSync(gate, "");
    server.addr = (await server.event("listening")).addr as Deno.Addr;
    await server.event("reloaded");
    using client = await server.connect();
    assertEquals(await client.ask("which"), "new");
    assertEquals((await server.stop()).code, 0);
  },
});

Deno.test({
  name: "hsha stops gracefully at a terminal's SIGHUP",
  ...AT_TERMINAL,
  fn: async () => {
    await using terminal = new Terminal(
      `sh -c 'echo pid $$; exec ${PROGRAM} --port 0'; echo "code $?"`,
    );
    const [, pid] = await terminal.waitFor(/pid (\d+)\r\n/);
    await terminal.waitFor(/listening on/);
    Deno.kill(Number(pid), "SIGHUP");
    await terminal.waitFor(/stopped;[^]*code 0/);
    await terminal.ended();
  },
});
