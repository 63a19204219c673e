/** The README's samples, as a reader has them: files of a project outside of this one. */

import { assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { exchangeText } from "./helpers/client.ts";
import { within } from "./helpers/deadline.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { ROOT, ServerProcess } from "./helpers/program.ts";

/** Where the reader has the clone, and where it is. */
const CLONE = [
  `"./hsha/lib/mod.ts"`,
  JSON.stringify(import.meta.resolve("../lib/mod.ts")),
] as const;

const README = Deno.readTextFileSync(`${ROOT}README.md`);

/** The one block of a language that begins so. */
function block(language: string, start: string): string {
  const texts = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, its, text]) => its === language && text.startsWith(start)).map(([, , text]) =>
      text
    );
  assertEquals(texts.length, 1, `README.md has one ${language} block that begins with ${start}`);
  return texts[0];
}

/** Asks a server of the README's handler. */
async function ask(addr: Deno.Addr): Promise<void> {
  const replies = (await exchangeText(addr, "one two\n \nthree\n")).split("\n");
  assertMatch(replies[0], /^2 words \(worker \d+, its line number \d+\)$/);
  assertEquals(replies[1], "ERR there is no word in this line");
  assertMatch(replies[2], /^1 words \(worker \d+, its line number \d+\)$/);
}

Deno.test("the README's handler answers as the README says", async () => {
  await using files = await HandlerFiles.write({ "words.ts": block("ts", "// words.ts\n") });
  const args = ["--handler", "./words.ts", "--workers", "2"];
  await using server = await ServerProcess.start(args, { cwd: files.path });
  await ask(server.addr);
});

Deno.test("the README's library sample runs in a project outside of this one", async () => {
  await using files = await HandlerFiles.write({
    "words.ts": block("ts", "// words.ts\n"),
    "server.ts": block("ts", "// server.ts\n").replace(...CLONE),
    "deno.json": block("json", "{"),
  });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "server.ts"],
    cwd: files.path,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    await ask({ transport: "tcp", hostname: "127.0.0.1", port: await portOf(child) });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // it has ended already
    }
    await child.status;
  }
});

/** The port that the sample prints. */
async function portOf(child: Deno.ChildProcess): Promise<number> {
  let told = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      told += text;
      const port = /\bport: (\d+)/.exec(told)?.[1];
      if (port !== undefined) return Number(port);
    }
    throw new Error(`the sample ended, having printed ${JSON.stringify(told)}`);
  })();
  return await within(reading, "the sample's address");
}

Deno.test("the README asks of a project's deno.json what this one has", () => {
  const { imports, unstable } = JSON.parse(block("json", "{"));
  assertEquals(imports, { "@std/streams": config.imports["@std/streams"] });
  // Text imports are stable in the Deno that the README names; its own binary is built by an older one. And
  // only the command line has several processes, which share a port.
  const own = ["raw-imports", "net"];
  assertEquals(unstable, config.unstable.filter((name) => !own.includes(name)));
});
