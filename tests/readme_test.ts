/**
 * The README, as a reader uses it: every command is typed, and every sample is a file of a project outside
 * of this one. So are the samples of docs/library.md.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { exchangeText } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { playSection } from "./helpers/played_page.ts";
import { ROOT, ServerProcess } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

/** Where the reader has the clone, and where it is. */
const CLONE = [
  `"./hsha/lib/mod.ts"`,
  JSON.stringify(import.meta.resolve("../lib/mod.ts")),
] as const;

const README = Deno.readTextFileSync(`${ROOT}README.md`);
const LIBRARY = Deno.readTextFileSync(`${ROOT}docs/library.md`);

/** The one block of a language on a page that begins so. */
function block(page: string, language: string, start: string): string {
  const texts = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, its, text]) => its === language && text.startsWith(start)).map(([, , text]) =>
      text
    );
  assertEquals(texts.length, 1, `the page has one ${language} block that begins with ${start}`);
  return texts[0];
}

/** Asks a server of the README's handler. */
async function ask(addr: Deno.Addr): Promise<void> {
  const replies = (await exchangeText(addr, "one two\n \nthree\n")).split("\n");
  assertMatch(replies[0], /^2 words \(worker \d+, its line number \d+\)$/);
  assertEquals(replies[1], "ERR there is no word in this line");
  assertMatch(replies[2], /^1 words \(worker \d+, its line number \d+\)$/);
}

for (const title of ["Try it", "A handler"]) {
  Deno.test(`the README's section "${title}" prints what it says`, async () => {
    await playSection("README.md", title);
  });
}

/** Commands of the README's prose, and where each of them is run. */
const ELSEWHERE = new Map([
  ["deno run -A main.ts --allow-read=data", "below"],
  ["npx -y deno@2.9.6 test -A", ".ci/run"],
  ["deno task ok", ".ci/run"],
  ["--handler exec -- python3 -u model.py", "exec_programs_test.ts"],
  ["--processes 4", "cluster_test.ts"],
  ["--overload reject", "fault_log_test.ts"],
  ["--nats URL", "nats_test.ts"],
  ["--web 9090", "web_processes_test.ts"],
]);

Deno.test("every command in the README's prose is run by a test", async () => {
  const prose = README.replaceAll(/^```.*?^```$/gms, "");
  const commands = [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) => code.replaceAll(/\s+/g, " "))
    .filter((code) => /^(?:npx|deno)\b.+ |^--[\w-]+ \S/.test(code));
  const known = new Set([...ELSEWHERE.keys(), "npx -y deno@2.9.6"]);
  assertEquals(commands.filter((command) => !known.has(command)), []);
  for (const [command, place] of ELSEWHERE) {
    assert(commands.includes(command), `the README no longer has ${command}`);
    if (place === "below") continue;
    const text = await Deno.readTextFile(ROOT + (place.startsWith(".") ? place : `tests/${place}`));
    const word = command.startsWith("--")
      ? command.split(" ")[0]
      : command.replace(/^(?:npx -y )?deno\S* /, "");
    assert(text.includes(word), `${place} does not run ${command}`);
  }
});

Deno.test("a grant behind main.ts is the handler's, as the README says", async () => {
  const source = "export default (line) => Deno.readTextFileSync(line).trim();";
  await using files = await HandlerFiles.write({
    "read.ts": source,
    "data": "open",
    "other": "no",
  });
  const args = ["--handler", "./read.ts", "--workers", "1", "--allow-read=data"];
  await using server = await ServerProcess.start(args, { cwd: files.path });
  const replies = await exchangeText(server.addr, "data\nother\n");
  assertEquals(replies, "open\nERR Requires read access to a path\n");
});

Deno.test("the README's handler answers as the README says", async () => {
  await using files = await HandlerFiles.write({
    "words.ts": block(README, "ts", "// words.ts\n"),
  });
  const args = ["--handler", "./words.ts", "--workers", "2"];
  await using server = await ServerProcess.start(args, { cwd: files.path });
  await ask(server.addr);
});

Deno.test(
  "the sample of docs/library.md is checked and runs in a project outside of this one",
  LONG,
  async () => {
    await using files = await HandlerFiles.write({
      "words.ts": block(README, "ts", "// words.ts\n"),
      "server.ts": block(LIBRARY, "ts", "// server.ts\n").replace(...CLONE),
      "deno.json": block(LIBRARY, "json", "{").replace(`"./hsha"`, JSON.stringify(ROOT)),
    });
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "server.ts"],
      cwd: files.path,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
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
  },
);

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

Deno.test("docs/library.md asks of a project's deno.json what this one has", () => {
  const { links, unstable } = JSON.parse(block(LIBRARY, "json", "{"));
  assertEquals(links, ["./hsha"]);
  // Text imports are stable in the Deno that the README names; its own binary is built by an older one. And
  // only the command line has several processes, which share a port.
  const own = ["raw-imports", "net"];
  assertEquals(unstable, config.unstable.filter((name) => !own.includes(name)));
});
