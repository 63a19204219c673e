/** The architecture as a test: layers, cycles, sizes of files, and who may touch a socket. */

import { assertEquals } from "@std/assert";
import {
  cycleFaults,
  exportFaults,
  fileFaults,
  layerFaults,
  type LibModule,
  libModules,
  socketFaults,
  sourcesOf,
} from "./helpers/layers.ts";

/** A module that is not there, for the checks to find fault with. */
function fake(path: string, imports: string[], source = "/** Role. */\n"): LibModule {
  return { path, source, imports };
}

Deno.test("no layer of lib imports one that calls it", async () => {
  assertEquals(layerFaults(await libModules()), []);
});

Deno.test("no module of lib imports itself by way of others, not even for a type", async () => {
  assertEquals(cycleFaults(await libModules()), []);
});

Deno.test("each file of lib says its role and has 250 lines at the most", async () => {
  assertEquals(fileFaults(await libModules()), []);
});

Deno.test("only half_async touches sockets", async () => {
  assertEquals(socketFaults(await libModules()), []);
});

Deno.test("no module of lib exports what only itself or a test uses", async () => {
  const testSeams = ["REPLY_BYTES", "ReadBudget", "FILES"]; // values that tests compare with, or make anew
  assertEquals(
    exportFaults(await libModules(), [...await sourcesOf("scripts"), ...testSeams]),
    [],
  );
});

Deno.test("no script imports anything of the tests", async () => {
  const sources = await sourcesOf("scripts");
  assertEquals(sources.filter((source) => /from "[^"]*\btests\//.test(source)), []);
});

Deno.test("every folder of lib is a layer, the client, the command line or types", async () => {
  const folders = new Set((await libModules()).map(({ path }) => path.split("/")[0]));
  const known = [
    "cli",
    "client",
    "cluster",
    "half_async",
    "half_sync",
    "handlers",
    "observe",
    "queueing",
  ];
  assertEquals([...folders].filter((name) => !name.endsWith(".ts")), known);
});

Deno.test("libModules finds the modules and their imports", async () => {
  const modules = await libModules();
  const importsOf = (path: string) => modules.find((module) => module.path === path)?.imports ?? [];
  assertEquals(
    importsOf("half_async/line_framer.ts").includes("half_async/length_limiter.ts"),
    true,
  );
  assertEquals(importsOf("half_sync/pool/box.ts").includes("half_sync/worker/worker.ts"), true);
  assertEquals(modules.length > 30, true);
});

Deno.test("layerFaults finds an import of an outer layer", () => {
  const faults = layerFaults([
    fake("half_sync/a.ts", ["queueing/b.ts", "half_sync/c.ts", "observe/events.ts"]),
    fake("queueing/b.ts", ["half_sync/a.ts", "half_async/d.ts"]),
    fake("half_async/d.ts", ["queueing/b.ts", "server.ts", "cli/e.ts"]),
    fake("server.ts", ["half_async/d.ts", "half_sync/a.ts"]),
  ]);
  assertEquals(faults.map((fault) => fault.split(",")[0]), [
    "half_sync/a.ts imports queueing/b.ts",
    "queueing/b.ts imports half_async/d.ts",
    "half_async/d.ts imports server.ts",
    "half_async/d.ts imports cli/e.ts",
  ]);
});

Deno.test("cycleFaults finds a cycle and tells the way around", () => {
  const modules = [fake("a.ts", ["b.ts", "d.ts"]), fake("b.ts", ["c.ts"]), fake("c.ts", ["b.ts"])];
  assertEquals(cycleFaults([...modules, fake("d.ts", [])]), ["b.ts → c.ts → b.ts"]);
});

Deno.test("fileFaults finds a long file and one without a header", () => {
  const faults = fileFaults([
    fake("long.ts", [], `/** Role. */\n${"\n".repeat(250)}`),
    fake("bare.ts", [], "export {};\n"),
    fake("good.ts", []),
  ]);
  assertEquals(faults.length, 2);
});

Deno.test("socketFaults finds a module that writes to a connection", () => {
  const source = "/** Role. */\nawait conn.write(bytes);\n";
  const faults = socketFaults([
    fake("half_sync/a.ts", [], source),
    fake("half_async/b.ts", [], source),
    fake("queueing/c.ts", [], "/** Says Deno.Conn only here. */\n"),
  ]);
  assertEquals(faults.length, 1);
});

Deno.test("exportFaults finds a value that nobody imports", () => {
  const [used, unused] = ["export const used = 1;", "export function unused() {}"];
  const modules = [fake("a.ts", [], used), fake("b.ts", [], `${unused} used;`)];
  assertEquals(exportFaults(modules), ["b.ts exports unused, which nobody imports"]);
  assertEquals(exportFaults(modules, ["unused"]), []);
});
