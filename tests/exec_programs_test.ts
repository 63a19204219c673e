/**
 * Real programs behind `exec`: the table of docs/programs.md, row by row, its examples, each with its one
 * command, and what is left of a program when its server is killed.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { atOnce } from "./helpers/at_once.ts";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { LONG } from "./helpers/long.ts";
import { ROOT, runProgram, ServerProcess } from "./helpers/program.ts";
import { findProgram, realCase, realTest } from "./helpers/real_program.ts";
import { startServer } from "./helpers/server.ts";

const PAGE = Deno.readTextFileSync(`${ROOT}docs/programs.md`);

/** A command's words, as a shell takes them apart. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, word]) =>
    one ?? two ?? word
  );
}

/** What programs answer to these lines, or the error reply of the first one. */
async function answers(command: string, lines: string, jobTimeout = 0): Promise<string> {
  const handlerArgs = wordsOf(command);
  await using server = await startServer({
    handler: "exec",
    handlerArgs,
    workers: 1,
    permissions: { run: [handlerArgs[0]] },
    jobTimeout,
  });
  return await exchangeText(server.addr, lines);
}

/** The rows of the table of programs that hold their output back. */
const ROWS = [...PAGE.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\|$/gm)].map(([, held, cured]) =>
  [held, cured].map((command) => command.replaceAll("\\|", "|"))
);

Deno.test(
  "exec says what helps against a program that holds its output back",
  LONG,
  (test) =>
    atOnce(
      test,
      ROWS.map(([held, cured]) =>
        realCase(
          `${held}: ${cured} is served`,
          [wordsOf(held)[0], wordsOf(cured)[0]],
          async () => {
            assertMatch(await answers(held, "1\n", 3), /^ERR .* perhaps it holds its output back/);
            assertEquals((await answers(cured, "1\n2\n")).split("\n").length, 3);
          },
        )
      ),
    ),
);

Deno.test("docs/programs.md has a table of programs that hold their output back", () => {
  assert(ROWS.length >= 8);
});

/** The examples of the page: what follows each command shows one line and its reply. */
const EXAMPLES = [
  ...PAGE.matchAll(
    /^```console\n\$ deno run -A main\.ts (.*?) -- (.*)\n```\n\n`(.*?)` → `(.*?)`$/gm,
  ),
];

for (const [, flags, command, line, reply] of EXAMPLES) {
  const program = wordsOf(command)[0];
  const needed = program === "./caesar" ? "cc" : program;
  realTest(`docs/programs.md shows what "${command}" answers`, [needed], async () => {
    using folder = new TemporaryFolder();
    if (needed === "cc") {
      const args = ["-O2", "-o", folder.file("caesar"), `${ROOT}docs/examples/exec/caesar.c`];
      assertEquals((await new Deno.Command("cc", { args }).output()).code, 0);
    }
    const words = wordsOf(command).map((word) => word.replace(/^docs\//, `${ROOT}docs/`));
    const args = ["--workers", "1", ...wordsOf(flags), "--", ...words];
    await using server = await ServerProcess.start(args, { cwd: folder.path });
    assertEquals(await exchangeText(server.addr, `${line}\n${line}\n`), `${reply}\n${reply}\n`);
    assertEquals((await server.stop()).code, 0);
  });
}

Deno.test("docs/programs.md has its examples", () => assert(EXAMPLES.length >= 5));

realTest(
  "a program that computes does not outlive a server that is killed",
  ["setpriv"],
  async () => {
    const script = "while read line; do echo $$; while :; do :; done; done";
    const args = ["-w", "1", "--handler", "exec", "--allow-run=sh", "--", "sh", "-c", script];
    await using server = await ServerProcess.start(args);
    // It answers its first line, and goes on.
    const pid = Number(await exchangeText(server.addr, "a\n"));
    const state = () => {
      try {
        return Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1][0];
      } catch {
        return "gone";
      }
    };
    assert(state() !== "gone");
    await server.stop("SIGKILL");
    await until(() => state() === "gone" || state() === "Z", "the program's end");
  },
);

Deno.test("hsha says in one sentence that exec needs a program, or may not run it", async () => {
  const none = await runProgram(["--port", "0", "--handler", "exec"]);
  assertEquals([none.code, none.stdout], [2, ""]);
  assertMatch(none.stderr, /^hsha: [^\n]*needs a program after --[^\n]*\n$/);
  const refused = await runProgram(["--port", "0", "--handler", "exec", "--", "cat"]);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertEquals(refused.stderr, "hsha: the handler exec runs cat and needs --allow-run=cat\n");
  assertStringIncludes((await runProgram(["--help"])).stdout, "exec");
  assert(findProgram("sh") !== undefined);
});
