/** The box a handler runs in: nothing of the machine without a grant, and no more than it says. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { handlerFile, TemporaryFolder } from "../scripts/tools/files.ts";
import { startServer } from "./helpers/server.ts";

const SNOOP = pathToFileURL(handlerFile("snoop.js"));

/** What a handler without a grant tries, each with what Deno says of it. */
const ATTEMPTS: [attempt: string, says: RegExp][] = [
  ["read FILE", /^ERR Requires read access to a path/],
  ["readAsync FILE", /^ERR Requires read access to a path/],
  ["readNode FILE", /^ERR Requires read access to a path/],
  ["readFetch FILE", /^ERR Requires read access to a path/],
  ["readJson FILE", /^ERR Requires read access to a path/],
  ["readText FILE", /^ERR Requires read access to a path/],
  ["list FOLDER", /^ERR Requires read access to a path/],
  ["write FOLDER/new", /^ERR Requires write access to a path/],
  ["env HOME", /^ERR Requires env access to "HOME"/],
  ["envNode HOME", /^ERR Requires env access to "HOME"/],
  ["run true", /^ERR Requires run access to/],
  ["runNode true", /^ERR Requires (run|env) access/],
  ["connect PORT", /^ERR Requires net access to/],
  ["listen", /^ERR Requires net access to/],
  ["fetch http://127.0.0.1:PORT", /^ERR .*net access/],
  ["dlopen FILE", /^ERR Requires ffi access/],
  ["host", /^ERR Requires sys access to "hostname"/],
  ["ask read", /^it could: "denied"$/],
  ["escalate read", /^ERR Can't escalate parent thread permissions$/],
  ["escalate net", /^ERR Can't escalate parent thread permissions$/],
];

Deno.test("entryModule keeps a handler without grants from the machine, and its replies hold no path", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("secret.json");
  Deno.writeTextFileSync(file, '"secret"');
  await using server = await startServer({ handler: SNOOP, workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  using client = await server.connect();
  for (const [attempt, says] of ATTEMPTS) {
    const line = attempt.replace("FILE", file).replace("FOLDER", folder.path)
      .replace("PORT", String(port));
    const reply = await client.ask(line);
    assertMatch(reply, says, attempt);
    assert(!/secret|\/tmp|file:/.test(reply), `${attempt} tells ${reply}`);
  }
  assertEquals(folder.names(), ["secret.json"]);
});

Deno.test("entryModule grants a handler what it is given, and no more", async () => {
  using folder = new TemporaryFolder();
  using other = new TemporaryFolder();
  for (const each of [folder, other]) Deno.writeTextFileSync(each.file("data"), "data");
  await using server = await startServer({
    handler: SNOOP,
    workers: 1,
    permissions: { read: [folder.path], write: [folder.path], env: ["HOME"], run: ["true"] },
  });
  using client = await server.connect();
  assertEquals(await client.ask(`read ${folder.file("data")}`), 'it could: "data"');
  assertEquals(await client.ask(`write ${folder.file("new")}`), "it could: done");
  assertMatch(await client.ask("env HOME"), /^it could: /);
  assertEquals(await client.ask("run true"), "it could: 0");
  assertMatch(await client.ask(`read ${other.file("data")}`), /^ERR Requires read access/);
  assertMatch(await client.ask(`write ${other.file("new")}`), /^ERR Requires write access/);
  assertMatch(await client.ask("env PATH"), /^ERR Requires env access/);
  assertMatch(await client.ask("run false"), /^ERR Requires run access/);
  assertMatch(await client.ask("listen"), /^ERR Requires net access/);
  assertEquals(folder.names(), ["data", "new"]);
});

Deno.test("entryModule grants a handler the network that it is given", async () => {
  await using target = await startServer({ workers: 1 });
  const { port } = target.addr as Deno.NetAddr;
  const permissions = { net: [`127.0.0.1:${port}`] };
  await using server = await startServer({ handler: SNOOP, workers: 1, permissions });
  using client = await server.connect();
  assertEquals(await client.ask(`connect ${port}`), "it could: done");
  assertMatch(await client.ask(`connect ${port + 1}`), /^ERR Requires net access/);
  assertMatch(await client.ask("listen"), /^ERR Requires net access/);
  assertMatch(await client.ask(`fetch http://127.0.0.1:${port + 1}`), /^ERR .*net access/);
  assert(!(await client.ask(`fetch http://127.0.0.1:${port}`)).includes("net access"));
});

Deno.test("A handler's box does not hold what its own source names: it may import any file", async () => {
  // Not promised, and here to be noticed when Deno changes it: see docs/guarantees.md.
  const handler = pathToFileURL(handlerFile("imports_text.js"));
  await using server = await startServer({ handler, workers: 1 });
  using client = await server.connect();
  assertStringIncludes(await client.ask("x"), "A handler whose source names a file");
});

Deno.test("serve never runs a handler without its box: without worker-options Deno ends the program", () => {
  using folder = new TemporaryFolder();
  const streams = "npm:deno-std@1.4.0/streams/mod.js";
  Deno.writeTextFileSync(
    folder.file("deno.json"),
    JSON.stringify({ imports: { "@std/streams": streams } }),
  );
  const source = `import { serve } from ${JSON.stringify(import.meta.resolve("../lib/mod.ts"))};
    const server = await serve({ port: 0, workers: 1 });
    await server.shutdown();
    console.log("served");`;
  Deno.writeTextFileSync(folder.file("program.ts"), source);
  const run = (...flags: string[]) => {
    const args = ["run", "-A", "--no-check", ...flags, "program.ts"];
    const output = new Deno.Command(Deno.execPath(), { args, cwd: folder.path }).outputSync();
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  };
  const refused = run();
  assertEquals([refused.code, refused.stdout], [70, ""]);
  assertMatch(refused.stderr, /`--unstable-worker-options` flag must be provided/);
  assertEquals(refused.stderr.trim().split("\n").length, 1);
  assertEquals(run("--unstable-worker-options").stdout, "served\n");
});
