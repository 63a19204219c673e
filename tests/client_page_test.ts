/** docs/client.md: its program prints what the page says. */

import { assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { HandlerFiles } from "./helpers/handler_files.ts";
import { ROOT, runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

const PAGE = Deno.readTextFileSync(`${ROOT}docs/client.md`);

/** The first block of a language. */
function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(PAGE)?.[1] ?? "";
}

Deno.test("the program of docs/client.md prints what the page says", async () => {
  await using server = await startServer({ workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  const { imports, unstable } = config;
  await using files = await HandlerFiles.write({
    "deno.json": JSON.stringify({ imports, unstable }),
    "client.ts": block("ts")
      .replace(`"./hsha/lib/mod.ts"`, JSON.stringify(import.meta.resolve("../lib/mod.ts")))
      .replace("port: 7007", `port: ${port}`),
  });
  const command = [Deno.execPath(), "run", "-A", "client.ts"];
  const outcome = await runProgram([], { command, cwd: files.path });
  assertEquals(outcome, { code: 0, stdout: block("text"), stderr: "" });
});
