/**
 * The package, used from projects outside of this one: as JSR gives it, linked; as npm gives it, installed;
 * and its client in Node.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { pack } from "../scripts/pack.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { LONG } from "./helpers/long.ts";
import { type Outcome, ROOT, runProgram, ServerProcess } from "./helpers/program.ts";
import { pathOf } from "../scripts/tools/process.ts";

/** A project's program: the server with a built-in handler, one of its own and the page, and the client. */
const SERVER = `import { connect, serve } from "@hsha/hsha";
for (const handler of ["sha256", new URL("./words.ts", import.meta.url)]) {
  await using server = await serve({ port: 0, workers: 1, handler, web: "0" });
  await using client = await connect({ port: (server.addr as Deno.NetAddr).port });
  const page = await fetch(\`http://127.0.0.1:\${server.webAddr!.port}/\`);
  console.log(await client.ask("one two"), (await page.text()).includes("<title>"));
}
Deno.exit();
`;
const WORDS = "export default (line: string): string => `${line.split(' ').length} words`;\n";
const SAYS = /^[0-9a-f]{64} true\n2 words true\n$/;

/** Node takes the client from version 22 on. */
const NODE = Deno.env.get("TEST_NODE") ?? "node";
const hasNode = await newEnough();
const hasNpm = pathOf("npm") !== undefined;

async function newEnough(): Promise<boolean> {
  const { stdout } = await runProgram(["--version"], { command: [NODE] }).catch(() => ({
    stdout: "",
  }));
  return Number(/^v(\d+)/.exec(stdout)?.[1] ?? 0) >= 22;
}

/** Milliseconds for what checks the types of the whole library, or installs it. */
const LONG_STEP = 60_000;

/** Runs this Deno in a folder. */
function deno(cwd: string, ...args: string[]): Promise<Outcome> {
  return runProgram(args, { command: [Deno.execPath()], cwd, millis: LONG_STEP });
}

function write(folder: TemporaryFolder, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(folder.file(name), text);
}

Deno.test("deno publish and deno pack have nothing to say", LONG, async () => {
  using folder = new TemporaryFolder();
  const quiet = ["--quiet", "--allow-dirty"];
  assertEquals(await deno(ROOT, "publish", "--dry-run", ...quiet), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  const output = folder.file("plain.tgz");
  assertEquals(await deno(ROOT, "pack", ...quiet, "--output", output), {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

Deno.test("the package works in a project that imports it from JSR's name", LONG, async () => {
  using folder = new TemporaryFolder();
  write(folder, {
    "server.ts": SERVER,
    "words.ts": WORDS,
    "deno.json": JSON.stringify({
      links: [ROOT],
      imports: { "@hsha/hsha": `jsr:@hsha/hsha@${config.version}` },
      unstable: ["worker-options"],
    }),
  });
  const { code, stdout, stderr } = await deno(folder.path, "run", "-A", "--check", "server.ts");
  assertMatch(stdout, SAYS, stderr);
  assertEquals(code, 0);
});

Deno.test({
  name: "the package works in a project that installs it by npm, in Deno and its client in Node",
  ignore: LONG.ignore || !hasNpm,
  async fn() {
    using folder = new TemporaryFolder();
    await pack(folder.file("hsha.tgz"));
    write(folder, {
      "server.ts": SERVER,
      "words.ts": WORDS,
      "client.mjs": `import { connect } from "@hsha/hsha/client";
        const client = await connect({ port: Number(process.argv[2]) });
        console.log(await client.ask("one two"));
        await client.end();\n`,
      "package.json": JSON.stringify({
        type: "module",
        dependencies: { "@hsha/hsha": "file:hsha.tgz" },
      }),
      "deno.json": JSON.stringify({ unstable: ["worker-options"], nodeModulesDir: "manual" }),
    });
    const npm = await runProgram(["install", "--no-audit", "--no-fund"], {
      command: ["npm"],
      cwd: folder.path,
      millis: LONG_STEP,
    });
    assertEquals(npm.code, 0, npm.stderr);
    const { stdout, stderr } = await deno(folder.path, "run", "-A", "--check", "server.ts");
    assertMatch(stdout, SAYS, stderr);

    const main = "node_modules/@hsha/hsha/main.js";
    await using server = await ServerProcess.start(["--workers", "1"], {
      command: [Deno.execPath(), "run", "-A", main],
      cwd: folder.path,
    });
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("hello"), "1 hello");
    if (!hasNode) return;
    const words = [folder.file("client.mjs"), String(server.addr.port)];
    const node = await runProgram(words, { command: [NODE], cwd: folder.path });
    assertEquals([node.stdout, node.stderr], ["1 one two\n", ""]);
    const refused = await runProgram(["--input-type=module", "-e", 'import "@hsha/hsha";'], {
      command: [NODE],
      cwd: folder.path,
    });
    assertStringIncludes(
      refused.stderr,
      "Error: the server of hsha needs Deno; for its client in Node",
    );
  },
});
