/**
 * The named orders of the contract, and that slow jobs keep quick ones from nothing but their place.
 *
 * No test goes by the clock: jobs wait for files, and so for each other or for the test. What must run
 * at once and does not would wait for ever, which the client's deadline tells.
 */

import { assertEquals } from "@std/assert";
import type { ServeOptions } from "../lib/mod.ts";
import { linesOf } from "./helpers/chunkings.ts";
import { exchangeText, type LineClient } from "../scripts/tools/line_client.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

/** A line is a job's name, what it does, and to which files. It replies with its name. */
const JOBS = `
  const exists = (path) => {
    try {
      Deno.statSync(path);
      return true;
    } catch {
      return false;
    }
  };
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const blockUntil = (condition) => {
    while (!condition()) Atomics.wait(cell, 0, 0, 2);
  };
  const actions = {
    quick: () => {},
    open: (path) => Deno.writeTextFileSync(path, ""),
    wait: (path) => blockUntil(() => exists(path)),
    meet: (mine, other) => {
      Deno.writeTextFileSync(mine, "");
      blockUntil(() => exists(other));
    },
    alone: (path) => {
      Deno.writeTextFileSync(path, "", { createNew: true }); // throws when another one is at it
      Atomics.wait(cell, 0, 0, 1);
      Deno.removeSync(path);
    },
  };
  export default (line) => {
    const [name, action = "quick", ...paths] = line.split(" ");
    actions[action](...paths);
    return name;
  };`;

/** What a test has: a server whose jobs may use files, and paths of such files. */
interface Stage {
  server: TestServer;
  client: LineClient;
  /** Files that are not there yet. */
  path: (name: string) => string;
  /** Makes a file. */
  open: (name: string) => Promise<void>;
}

/** A test with such a server. */
function test(name: string, options: ServeOptions, body: (stage: Stage) => Promise<void>): void {
  Deno.test(name, async () => {
    await using files = await HandlerFiles.write({ "jobs.js": JOBS });
    const permissions = { read: [files.path], write: [files.path] };
    const handler = files.url("jobs.js");
    await using server = await startServer({ ...options, handler, permissions });
    using client = await server.connect();
    const open = (name: string) => Deno.writeTextFile(files.file(name), "");
    await body({ server, client, path: (name) => files.file(name), open });
  });
}

/** Names of quick jobs. */
function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `q${index}`);
}

test("serve runs two slow lines of one connection at once", {}, async ({ client, path }) => {
  const [a, b] = [path("a"), path("b")];
  await client.send(`one meet ${a} ${b}\ntwo meet ${b} ${a}\n`);
  assertEquals(await client.replies(2), ["one", "two"]);
});

test("serve runs two slow lines at once behind quick ones", {}, async ({ client, path }) => {
  const [a, b] = [path("a"), path("b")];
  const lines = [...names(500), `one meet ${a} ${b}`, `two meet ${b} ${a}`];
  await client.send(`${lines.join("\n")}\n`);
  assertEquals(await client.replies(502), [...names(500), "one", "two"]);
});

test("serve runs quick lines behind a slow one", {}, async ({ client, path }) => {
  await client.send(`${names(2000).join("\n")}\n`); // it learns that jobs are cheap
  await client.replies(2000);
  const gate = path("gate");
  const lines = [`slow wait ${gate}`, ...names(300), `last open ${gate}`];
  await client.send(`${lines.join("\n")}\n`);
  assertEquals(await client.replies(302), ["slow", ...names(300), "last"]);
});

test("serve answers quick lines in front of a slow one while that runs", {
  workers: 1,
}, async ({ client, path, open }) => {
  await client.send(`${names(9).join("\n")}\nslow wait ${path("gate")}\n`);
  assertEquals(await client.replies(9), names(9));
  await open("gate");
  assertEquals(await client.reply(), "slow");
});

test("serve answers others while one connection's job is slow", {}, async (stage) => {
  const { server, client, path, open } = stage;
  await client.send(`slow wait ${path("gate")}\n`);
  using other = await server.connect();
  for (const name of names(50)) assertEquals(await other.ask(name), name);
  await open("gate");
  assertEquals(await client.reply(), "slow");
});

test("serve holds replies back until their turn when the order is request", {
  workers: 3,
}, async ({ server, client, path, open }) => {
  const lines = `slow wait ${path("gate")}\n${names(100).join("\n")}\nlast open ${path("last")}\n`;
  await client.send(lines);
  using other = await server.connect();
  await other.ask(`other wait ${path("last")}`); // all but the slow one have run, or are about to
  assertEquals(server.server.counters.answered, 1);
  await open("gate");
  assertEquals(await client.replies(102), ["slow", ...names(100), "last"]);
});

test("serve writes each reply when it is ready when the order is completion", {
  order: "completion",
}, async ({ client, path, open }) => {
  await client.send(`slow wait ${path("gate")}\nquick\n`);
  assertEquals(await client.reply(), "quick");
  await open("gate");
  assertEquals(await client.reply(), "slow");
});

test("serve lets no quick line wait behind a slow one when the order is completion", {
  order: "completion",
}, async ({ client, path, open }) => {
  await client.send(`${names(2000).join("\n")}\n`); // it learns that jobs are cheap
  await client.replies(2000);
  await client.send(`slow wait ${path("gate")}\n${names(300).join("\n")}\n`);
  assertEquals((await client.replies(300)).sort(), names(300).sort());
  await open("gate");
  assertEquals(await client.reply(), "slow");
});

test("serve runs one job of a connection at a time when the order is serial", {
  order: "serial",
  workers: 3,
}, async ({ client, path }) => {
  const busy = path("busy");
  const lines = names(200).map((name, index) => index % 3 === 0 ? name : `${name} alone ${busy}`);
  await client.send(`${lines.slice(0, 190).join("\n")}\n`);
  for (const line of lines.slice(190)) await client.send(`${line}\n`);
  assertEquals(await client.replies(200), names(200));
});

test("serve runs jobs of two connections at once when the order is serial", {
  order: "serial",
}, async ({ server, client, path }) => {
  using other = await server.connect();
  const [a, b] = [path("a"), path("b")];
  await client.send(`one meet ${a} ${b}\n`);
  await other.send(`two meet ${b} ${a}\n`);
  assertEquals([await client.reply(), await other.reply()], ["one", "two"]);
});

for (const order of ["request", "completion", "serial"] as const) {
  Deno.test(`serve runs each line exactly once when jobs are mixed and the order is ${order}`, async () => {
    await using server = await startServer({
      order,
      workers: 3,
      source: `let state = 7;
        export default (line) => {
          state = state * 16807 % 2147483647;
          if (state % 50 === 0) {
            const end = performance.now() + state % 12;
            while (performance.now() < end);
          }
          return line;
        };`,
    });
    const lines = Array.from({ length: 3000 }, (_, index) => String(index));
    const talk = () => exchangeText(server.addr, lines.join("\n"));
    for (const answer of await Promise.all([talk(), talk(), talk()])) {
      const replies = linesOf(answer);
      if (order === "completion") replies.sort((one, other) => Number(one) - Number(other));
      assertEquals(replies, lines);
    }
    const { accepted, answered } = server.server.counters;
    assertEquals([accepted, answered], [9000, 9000]);
  });
}
