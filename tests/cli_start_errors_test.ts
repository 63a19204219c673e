/** `hsha` when Deno does not let it start: the sentence names what the user gave. */

import { assertEquals, assertMatch } from "@std/assert";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { ROOT, runProgram } from "./helpers/program.ts";

Deno.test("hsha says how to find the line of a syntax error in a handler", async () => {
  await using files = await HandlerFiles.write({ "broken.js": "export default (line) => line(" });
  const handler = files.file("broken.js");
  const { code, stderr } = await runProgram(["--port", "0", "--handler", handler]);
  assertEquals(code, 1);
  assertMatch(stderr, /^hsha: cannot load the handler [^\n]+: SyntaxError: [^\n]+\n$/);
  const hint = `; deno check "${handler}" shows the line\n`;
  assertEquals(stderr.slice(-hint.length), hint);
});

Deno.test("hsha names the grants that it cannot give when Deno was not granted as much", async () => {
  const command = [Deno.execPath(), "run", "--allow-net", `${ROOT}main.ts`];
  const args = ["--port", "0", "--handler", "kv", "--allow-read=x", "--allow-env"];
  const { code, stderr } = await runProgram(args, { command });
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "hsha: cannot grant the handler --allow-read and --allow-env: this program has no " +
      "such permission itself; start it with deno run -A\n",
  );
});
