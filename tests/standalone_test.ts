/** The standalone binary: built, run from another folder, and with an empty environment. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { buildBinary } from "./helpers/binary.ts";
import { exchangeText, LineClient } from "../scripts/tools/line_client.ts";
import { childrenOf } from "./helpers/cluster.ts";
import { HandlerFiles, type Sources } from "./helpers/handler_files.ts";
import { Metrics } from "./helpers/metrics.ts";
import { NatsServer } from "./helpers/nats.ts";
import { type Outcome, runProgram, ServerProcess } from "./helpers/program.ts";
import { findProgram } from "./helpers/real_program.ts";
import { ask } from "../scripts/tools/raw_http.ts";

const binary = await buildBinary();
if ("reason" in binary) {
  console.warn(
    `The tests of the standalone binary are ignored, it cannot be built: ${binary.reason}`,
  );
}

/** How the binary is run: at home in the folder of the test, and knowing nothing. */
interface Place {
  files: HandlerFiles;
  /** The binary. */
  path: string;
  /** Starts a server. */
  serve: (...args: string[]) => Promise<ServerProcess>;
  /** Runs the binary to its end. */
  run: (args: string[], stdin?: string) => Promise<Outcome>;
}

/** A test in a folder with these files; ignored where there is no binary. */
function test(
  name: string,
  sources: Sources,
  body: (place: Place) => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    ignore: "reason" in binary || ignore,
    async fn() {
      if ("reason" in binary) return;
      await using files = await HandlerFiles.write(sources);
      const options = { command: [binary.path], clearEnv: true, cwd: files.path };
      await body({
        files,
        path: binary.path,
        serve: (...args) => ServerProcess.start(args, options),
        run: (args, stdin) => runProgram(args, { ...options, stdin }),
      });
    },
  });
}

test("the binary serves the default handler in its embedded workers", {}, async ({ serve }) => {
  await using server = await serve("--workers", "1");
  assertEquals(await exchangeText(server.addr, "one\ntwo"), "1 one\n1 two\n");
  assertEquals((await server.stop("SIGTERM")).code, 0);
});

test("the binary has every built-in handler in it", {}, async ({ serve }) => {
  await using server = await serve("--handler", "sha256", "--workers", "2");
  assertMatch(await exchangeText(server.addr, "hello\n"), /2cf24dba5fb0a30e/);
  assertEquals((await server.stop("SIGINT")).code, 0);
});

test(
  "the binary is a worker machine, and the server of one",
  { "loud.js": (line) => line.toUpperCase() },
  async ({ serve, path, files }) => {
    await using nats = await NatsServer.start();
    const words = ["work", "--nats", nats.url, "--handler", files.file("loud.js")];
    const node = new Deno.Command(path, {
      args: [...words, "--workers", "1"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await using server = await serve("--nats", nats.url);
    assertEquals(await exchangeText(server.addr, "one\ntwo"), "ONE\nTWO\n");
    node.kill("SIGTERM");
    assertEquals((await node.status).code, 0);
    assertEquals((await server.stop("SIGTERM")).code, 0);
  },
  findProgram("nats-server") === undefined,
);

test("the binary serves the live page and the metrics", {}, async ({ serve }) => {
  await using server = await serve("--workers", "1", "--web", "0");
  const [, port] = await server.waitForLog(/live page on http:\/\/127\.0\.0\.1:(\d+)\//);
  const place = { hostname: "127.0.0.1", port: Number(port) };
  assertEquals(await exchangeText(server.addr, "one\ntwo"), "1 one\n1 two\n");
  await Metrics.when(place, "both lines", (it) => it.lines("answered") === 2);
  assertStringIncludes((await ask(place, "GET /")).body, "<title>");
  assertStringIncludes((await ask(place, "GET /page/uplot.js")).body, "uPlot");
});

test("the binary puts a program behind its port", {}, async ({ serve }) => {
  const flags = ["--workers", "2", "--handler", "exec", "--allow-run=/bin/cat"];
  await using server = await serve(...flags, "--", "/bin/cat");
  assertEquals(await exchangeText(server.addr, "one\n\ntwo\n"), "one\n\ntwo\n");
  assertEquals((await server.stop("SIGTERM")).code, 0);
});

test("the binary answers every line accepted when it is told to stop", {
  "slow.js": `export default (line) => {
    for (const end = performance.now() + 50; performance.now() < end;);
    return line;
  };`,
}, async ({ serve }) => {
  await using server = await serve("--handler", "./slow.js", "-w", "1", "--drain-timeout", "600");
  using client = await LineClient.connect(server.addr);
  await client.send("0\n1\n2\n3\n4\n");
  assertEquals(await client.reply(), "0");
  server.kill("SIGTERM");
  assertEquals(await client.restText(), "1\n2\n3\n4\n");
  assertEquals((await server.ended()).code, 0);
});

test("the binary runs a .js handler from disk with imports of its own", {
  "main.js": `import { wrap } from "./wrap.js";
    import { basename } from "node:path";
    export default (line) => wrap(basename(line));`,
  "wrap.js": "export const wrap = (text) => `<${text}>`;",
}, async ({ serve }) => {
  await using server = await serve("--handler", "./main.js");
  assertEquals(await exchangeText(server.addr, "a/b\n"), "<b>\n");
});

test("the binary grants a handler nothing but what its flags say", {
  "read.js": "export default (line) => Deno.readTextFileSync(line).trim();",
  "data.txt": "content\n",
  "other.txt": "other\n",
}, async ({ serve, files }) => {
  const lines = `${files.file("data.txt")}\n${files.file("other.txt")}\n`;
  {
    await using server = await serve("--handler", "./read.js");
    const answer = await exchangeText(server.addr, lines);
    assertMatch(answer, /^ERR .*read access.*\nERR .*read access.*\n$/);
    assertEquals(answer.includes(files.path), false);
  }
  await using server = await serve("--handler", "./read.js", "--allow-read=data.txt");
  const answer = await exchangeText(server.addr, lines);
  assertMatch(answer, /^content\nERR .*read access.*\n$/);
});

test("the binary runs a .ts handler, or says that it takes .js alone", {
  "shout.ts": "export default (line: string): string => line.toUpperCase();",
}, async ({ run, serve, files }) => {
  const version = (await run(["--version"])).stdout;
  assertMatch(version, /^hsha \d/);
  const probe = await serve("--handler", "./shout.ts").catch((error: Error) => error);
  if (probe instanceof ServerProcess) {
    await using server = probe;
    assertEquals(await exchangeText(server.addr, "hello\n"), "HELLO\n");
    return;
  }
  const { code, stderr } = await run(["--port", "0", "--handler", "./shout.ts"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hsha: [^\n]*takes handlers as \.js files only[^\n]*\n$/);
  assertStringIncludes(stderr, files.file("shout.ts"));
});

test("the binary tells in one line why a handler cannot be loaded", {
  "none.js": "export const handler = 1;",
}, async ({ run }) => {
  for (const [handler, reason] of [["./none.js", "no default export"], ["./gone.js", "gone.js"]]) {
    const { code, stderr, stdout } = await run(["--port", "0", "--handler", handler]);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^hsha: [^\n]+\n$/);
    assertStringIncludes(stderr, reason);
  }
});

test("the binary is a client, too", {}, async ({ run, serve }) => {
  await using server = await serve("--workers", "1");
  const { code, stdout, stderr } = await run(["connect", `${server.addr.port}`], "one\ntwo\n");
  assertEquals([code, stdout, stderr], [0, "1 one\n1 two\n", ""]);
});

test(
  "the binary puts a load on a server from several threads, and at a rate",
  {},
  async ({ run, serve }) => {
    await using server = await serve("--workers", "1");
    for (const flags of [["--threads", "2"], ["--rate", "500"]]) {
      const args = [
        "bench",
        `${server.addr.port}`,
        "--duration",
        "0.3",
        "--warmup",
        "0.1",
        ...flags,
      ];
      const { code, stderr } = await run(args);
      assertEquals([code, stderr], [0, ""]);
    }
  },
);

test("the binary shows its help, and refuses what it does not know", {}, async ({ run }) => {
  const help = await run(["--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "--handler");
  const wrong = await run(["--wrkers", "2"]);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertMatch(wrong.stderr, /^hsha: [^\n]+\n$/);
});

test("the binary serves by several processes, which are itself", {}, async ({ serve }) => {
  await using server = await serve("--processes", "2", "--workers", "1", "--web", "0");
  assertMatch(server.stderr, /with 2 processes of 1 worker/);
  assertEquals(await exchangeText(server.addr, "one\ntwo"), "1 one\n1 two\n");
  const [, port] = await server.waitForLog(/live page on http:\/\/127\.0\.0\.1:(\d+)\//);
  const place = { hostname: "127.0.0.1", port: Number(port) };
  await Metrics.when(place, "both lines", (it) => it.lines("answered") === 2);
  const names = childrenOf(server.pid).map((pid) => Deno.readLinkSync(`/proc/${pid}/exe`));
  assertEquals(names, ["path" in binary && binary.path, "path" in binary && binary.path]);
  assertEquals((await server.stop("SIGTERM")).code, 0);
}, Deno.build.os !== "linux");
