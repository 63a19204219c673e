/**
 * Handlers that cannot be loaded end the start, in one sentence that names the file and the reason;
 * whatever a job throws becomes one line without a path.
 */

import {
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { errorReply } from "../lib/half_sync/worker/error_reply.ts";
import { serve } from "../lib/mod.ts";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { freePort } from "./helpers/free_port.ts";
import { HandlerFiles, inlineHandler } from "./helpers/handler_files.ts";
import { runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";
import { withHint } from "../lib/permission_hint.ts";

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
  assertMatch(message, /no such file/);
});

Deno.test("serve rejects with a short name when the handler has a long address", async () => {
  const handler = inlineHandler(`${"/".repeat(5000)}\nexport default 1;`);
  const { message } = await assertRejects(() => serve({ port: 0, handler }), Error, "is number");
  assertEquals(message.length < 300, true, message);
});

Deno.test("serve gives the address free again when the handler cannot be loaded", async () => {
  const port = freePort();
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
  const { kind, place } = await server.event("handler_strayed");
  assertMatch(`${kind} at ${place}`, /^Error at strays\.js:1:\d+$/);
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

/** An error with a property of any kind, a getter say. */
function odd(message: string, key: string, property: PropertyDescriptor): Error {
  return Object.defineProperty(new Error(message), key, property);
}

function fail(): never {
  throw new Error("it is not to be looked at");
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();

const SILENT = "ERR the job failed without a message";
const UNSHOWN = "ERR the job threw a value that cannot be shown";

/** Values that are hard to put into words, each with its reply. */
const ODD: Readonly<Record<string, readonly [thrown: unknown, reply: string]>> = {
  "an error without a message": [new TypeError(), "ERR TypeError"],
  "an error without message and name": [odd("", "name", { value: undefined }), SILENT],
  "an error whose name is a number": [odd("", "name", { value: 5 }), SILENT],
  "an error whose name is a symbol": [odd("", "name", { value: Symbol("x") }), SILENT],
  "an error whose name throws": [odd("", "name", { get: fail }), UNSHOWN],
  "an error with a message whose name throws": [odd("no", "name", { get: fail }), "ERR no"],
  "an error whose message throws": [odd("", "message", { get: fail }), UNSHOWN],
  "an error whose message is a symbol": [
    odd("", "message", { value: Symbol("x") }),
    "ERR Symbol(x)",
  ],
  "an error whose message is no text": [odd("", "message", { value: { toString: fail } }), UNSHOWN],
  "an error of several lines": [new Error("a\r\nb\n    at x.ts:1:2\nc\td"), "ERR a b c d"],
  "an error of line ends": [new Error("\n\r\n"), SILENT],
  "undefined": [undefined, "ERR the job threw undefined"],
  "an empty text": ["", SILENT],
  "a symbol": [Symbol("x"), "ERR the job threw Symbol(x)"],
  "a revoked proxy": [revoked.proxy, UNSHOWN],
  "a proxy that throws": [new Proxy(new Error("no"), { getPrototypeOf: fail }), UNSHOWN],
  "a proxy of an error that throws": [new Proxy(new Error("no"), { get: fail }), UNSHOWN],
  "an object that throws when shown": [{ [Symbol.for("Deno.customInspect")]: fail }, UNSHOWN],
};

for (const [name, [thrown, reply]] of Object.entries(ODD)) {
  Deno.test(`errorReply gives one line for ${name}`, () => assertEquals(errorReply(thrown), reply));
}

Deno.test("serve answers at once when a job throws an error that has neither message nor name", async () => {
  await using server = await startServer({
    source: `export default () => {
      throw Object.defineProperty(new Error(""), "name", { value: undefined });
    };`,
  });
  assertEquals(await exchangeText(server.addr, "a\nb\n"), `${SILENT}\n${SILENT}\n`);
});

/** What Deno's own errors say, each with what is left of it. */
const DENOS: readonly (readonly [message: string, shown: string])[] = [
  [
    'Requires read access to "data/ok.txt", run again with the --allow-read flag',
    "Requires read access to a path",
  ],
  ['Requires write access to "a"b/c.txt", run', "Requires write access to a path, run"],
  ['Requires env access to "HOME"', 'Requires env access to "HOME"'],
  [
    'Requires net access to "a:1", run again with the --allow-net flag',
    'Requires net access to "a:1"',
  ],
  [
    'Requires env access to "A", specify the required permissions during compilation using `deno compile --allow-env`',
    'Requires env access to "A"',
  ],
  ['Requires net access to "example.com:443"', 'Requires net access to "example.com:443"'],
  ['Requires sys access to "hostname"', 'Requires sys access to "hostname"'],
  [
    "No such file (os error 2): readfile 'data/secret/no.txt'",
    "No such file (os error 2): readfile a path",
  ],
  ["No such file (os error 2): open 'no.txt'", "No such file (os error 2): open a path"],
  ["copy 'a/b' -> 'it's/c\nd'", "copy a path"],
  ["Failed to spawn 'bin/tool': entity not found", "Failed to spawn a path: entity not found"],
  [`stat 'data/${"x".repeat(4000)}'`, "stat a path"],
  ["stat 'data/cut", "stat a path"],
  ["Can't escalate parent thread permissions", "Can't escalate parent thread permissions"],
];

for (const [message, shown] of DENOS) {
  Deno.test(`errorReply hides what files Deno quotes: ${message.slice(0, 40).replace("\n", " ")}`, () => {
    const named = odd(message, "name", { value: "NotCapable" });
    for (const error of [new Deno.errors.NotFound(message), named]) {
      assertEquals(errorReply(error), `ERR ${shown}`);
    }
  });
}

Deno.test("serve hides relative paths of files that may not be read or are missing", async () => {
  const source = `export default (line) => Deno.readTextFileSync(line);`;
  await using boxed = await startServer({ source });
  const denied = await exchangeText(boxed.addr, "data/ok.txt\n");
  assertMatch(denied, /^ERR Requires read access to a path\n$/);
  await using open = await startServer({ source, permissions: { read: true } });
  const missing = await exchangeText(open.addr, "data/ok.txt\n");
  assertMatch(missing, /^ERR No such file [^\n]+: readfile a path\n$/);
});

/** Messages of a handler's own errors, each with what is left of it. */
const OWN: Readonly<Record<string, string>> = {
  "cannot open:/etc/passwd": "cannot open:a path",
  "cannot open: /etc/passwd, sorry": "cannot open: a path",
  "sqlite:/var/x and unix:/run/z": "sqlite:a path",
  "sqlite:///var/x": "sqlite:a path",
  "open:C:\\Users\\x": "open:a path",
  "open:\\\\host\\share": "open:a path",
  "cannot open 'sqlite:/var/my files/x'": "cannot open a path",
  "cannot open '/var/my files/x'": "cannot open a path",
  "at file:///home/x.ts:1:2": "at a path",
  "see http://host/path": "see http://host/path",
  "see 'https://a/b', or ws://[::1]:80": "see 'https://a/b', or ws://[::1]:80",
  "km/h, 1/2, and/or, a:b, 12:30, :/": "km/h, 1/2, and/or, a:b, 12:30, :/",
  "don't use and/or; can't": "don't use and/or; can't",
  "и/или, 2026/11/26, text/plain": "и/или, 2026/11/26, text/plain",
  "no user 'bob' in \"data/users\"": "no user 'bob' in a path",
  // These showed what is behind a space, a quotation mark, a bracket or a letter that is not ASCII.
  "cannot open /home/me/my SECRET/x.db": "cannot open a path",
  "cannot open '/home/it's SECRET/x.db' now": "cannot open a path now",
  "cannot open '/home/x' or \"SECRET/y z\" now": "cannot open a path",
  "cannot open '/home/my SECRET": "cannot open a path",
  "cannot open (/home/my SECRET (old)/x.db)": "cannot open (a path",
  "öffne /ä ö/SECRET.db jetzt": "öffne a path",
  "open C:\\my SECRET\\x now": "open a path",
  "open ../my SECRET/x": "open a path",
  "open ~/my SECRET/x": "open a path",
  "open data/SECRET dir/x.db": "open a path",
  "cannot read: my SECRET/x.db is gone": "cannot read: a path",
  "unable to open database file: my SECRET.db": "unable to open database file: a path",
  "unable to open database: my SECRET.db": "unable to open database: a path",
  "Could not open library: my SECRET.so: cannot open it": "Could not open library: a path",
  'it failed: Requires read access to "my SECRET/x", run again with the --allow-read flag':
    "it failed: Requires read access to a path",
};

Deno.test("errorReply hides what files Node's own errors quote", () => {
  const message = "ENOENT: no such file or directory, open 'it's SECRET'";
  const error = odd(message, "syscall", { value: "open" });
  assertEquals(errorReply(error), "ERR ENOENT: no such file or directory, open a path");
});

Deno.test("errorReply takes no longer for a path of a thousand folders than for others", () => {
  const times = ["a/".repeat(1000), "a b ".repeat(500)].map((text) => {
    const rounds = Array.from({ length: 5 }, () => {
      const begun = performance.now();
      for (let count = 0; count < 200; count++) errorReply(`'${text}`);
      return performance.now() - begun;
    });
    return Math.min(...rounds); // one that no other program came into
  });
  assertLess(times[0], 20 * times[1] + 20);
});

for (const [message, shown] of Object.entries(OWN)) {
  Deno.test(`errorReply hides paths in a handler's own error: ${message}`, () => {
    assertEquals(errorReply(new Error(message)), `ERR ${shown}`);
    assertEquals(errorReply(message), `ERR ${shown}`);
  });
}

Deno.test("withHint names the option that grants what Deno refused, instead of Deno's own flag", () => {
  const requires = 'Requires read access to "my file"';
  for (
    const advice of [
      ", run again with the --allow-read flag",
      ", specify the required permissions during compilation using `deno compile --allow-read`",
    ]
  ) {
    const hint = `${requires}; the option --allow-read grants it to the handler`;
    assertEquals(withHint(requires + advice), hint);
  }
  assertEquals(withHint("no such file"), "no such file");
});
