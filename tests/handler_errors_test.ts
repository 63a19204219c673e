/** Handlers that cannot be loaded end the start, in one sentence that names the file and the reason. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { serve } from "../lib/mod.ts";
import { HandlerFiles, inlineHandler } from "./helpers/handler_files.ts";
import { runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

const GOOD = "export default (line) => line;\n";

/** The reason, or the one that `deno test` gives without `--no-check`: it checks workers as they start. */
function orUnchecked(reason: RegExp): RegExp {
  return new RegExp(`${reason.source}|Type checking failed`);
}

/** Handler files that will not do, each with its source and the reason that is to be told. */
const BAD: Readonly<Record<string, readonly [source: string, reason: RegExp]>> = {
  "syntax.js": ["export default (line => line;", /SyntaxError: .*[Ee]xpected/],
  "syntax.ts": [
    "export default (line: string): string => {",
    orUnchecked(/SyntaxError: .*[Ee]xpected/),
  ],
  "no_default.js": ["export const handler = (line) => line;", /it has no default export/],
  "number.js": ["export default 42;", /its default export is number, not a function/],
  "null.js": ["export default null;", /its default export is null, not a function/],
  "object.js": [
    "export default { handler() {} };",
    /its default export is object, not a function/,
  ],
  "undefined.js": ["export default undefined;", /its default export is undefined, not a function/],
  "throws.js": [`throw new Error("no database\\nat all");${GOOD}`, /: no database$/],
  "throws_text.js": [`throw "a text";${GOOD}`, /: a text$/],
  "throws_nothing.js": [`throw undefined;${GOOD}`, /: undefined$/],
  "rejects.js": [`await Promise.reject(new Error("no network"));${GOOD}`, /: no network$/],
  "strays.js": [
    `Promise.reject(new Error("left alone")); await new Promise(() => {});${GOOD}`,
    /: left alone$/,
  ],
  "exits.js": [`Deno.exit(3);${GOOD}`, /Deno\.exit\(\) is not for handlers/],
  "closes.js": [`self.close();${GOOD}`, /close\(\) is not for handlers/],
  "never_ready.js": [`await new Promise(() => {});${GOOD}`, /not ready within 0\.5 seconds/],
  "reads.js": [`Deno.readTextFileSync("/etc/hostname");${GOOD}`, /read access/],
  "import_missing.js": [`import "./missing.js";${GOOD}`, orUnchecked(/[Nn]ot found.*missing\.js/)],
  "import_name.js": [`import { gone } from "./number.js";${GOOD}`, /export named 'gone'/],
};

for (const [name, [source, reason]] of Object.entries(BAD)) {
  Deno.test(`serve rejects with the file and the reason when the handler is ${name}`, async () => {
    await using files = await HandlerFiles.write({
      "number.js": "export default 42;",
      [name]: source,
    });
    const bootTimeout = name === "never_ready.js" ? 0.5 : undefined;
    const start = () => serve({ port: 0, workers: 2, handler: files.url(name), bootTimeout });
    const { message } = await assertRejects(start, Error, files.file(name));
    assertMatch(message, reason);
    assertMatch(message, /^cannot load the handler [^\n]+$/);
  });
}

Deno.test("serve rejects with the file when the handler's file is missing", async () => {
  await using files = await HandlerFiles.write({});
  const start = () => serve({ port: 0, handler: files.url("missing.js") });
  const { message } = await assertRejects(start, Error, files.file("missing.js"));
  assertMatch(message, /[Nn]ot found/);
});

Deno.test("serve rejects with a short name when the handler has a long address", async () => {
  const handler = inlineHandler(`${"/".repeat(5000)}\nexport default 1;`);
  const { message } = await assertRejects(() => serve({ port: 0, handler }), Error, "is number");
  assertEquals(message.length < 300, true, message);
});

Deno.test("serve gives the address free again when the handler cannot be loaded", async () => {
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr as Deno.NetAddr;
  probe.close();
  await assertRejects(() => serve({ port, handler: inlineHandler("export default 1;") }), Error);
  await using server = await serve({ port, workers: 1 });
  assertEquals((server.addr as Deno.NetAddr).port, port);
});

Deno.test("serve rejects a name that no built-in handler has, and tells how to give a file", async () => {
  const wrong = (handler: string) => () => serve({ port: 0, handler });
  await assertRejects(wrong("ecko"), TypeError, `"ecko" (there are: echo`);
  await assertRejects(wrong("ecko"), TypeError, `"./ecko"`);
  await assertRejects(wrong("./shout.ts"), TypeError, "URL");
});

Deno.test("serve starts with a handler that leaves a rejected promise behind, and tells of it", async () => {
  await using files = await HandlerFiles.write({
    "strays.js": `Promise.reject(new Error("left alone"));\n${GOOD}`,
  });
  await using server = await startServer({ workers: 1, handler: files.url("strays.js") });
  assertMatch((await server.event("handler_strayed")).reason, /^Error at .*strays\.js:1:\d+$/);
});

for (const name of ["syntax.ts", "no_default.js", "throws.js", "missing.js"]) {
  Deno.test(`hsha prints one line and exits with 1 when the handler is ${name}`, async () => {
    await using files = await HandlerFiles.write(name in BAD ? { [name]: BAD[name][0] } : {});
    const handler = files.file(name);
    const outcome = await runProgram(["--port", "0", "-w", "2", "--handler", handler]);
    assertEquals(outcome.code, 1, outcome.stderr);
    assertEquals(outcome.stdout, "");
    assertMatch(outcome.stderr, /^hsha: [^\n]+\n$/);
    assertStringIncludes(outcome.stderr, handler);
  });
}

Deno.test("hsha runs a handler that is named by a relative path", async () => {
  await using files = await HandlerFiles.write({ "bad.js": "export default 7;" });
  const args = ["serve", "--port", "0", "--handler", "./bad.js"];
  const outcome = await runProgram(args, { cwd: files.path });
  assertEquals(outcome.code, 1);
  assertStringIncludes(outcome.stderr, "number, not a function");
});
