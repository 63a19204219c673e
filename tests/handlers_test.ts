/** Handlers: modules by name or address, their state, their replies, and their right to fail. */

import { assertEquals, assertMatch } from "@std/assert";
import { exchangeText } from "../scripts/tools/line_client.ts";
import { linesOf } from "./helpers/chunkings.ts";
import { until } from "../scripts/tools/deadline.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { startServer } from "./helpers/server.ts";

Deno.test("serve runs a handler from a .ts file", async () => {
  await using files = await HandlerFiles.write({
    "shout.ts": "export default (line: string): string => line.toUpperCase() satisfies string;",
  });
  await using server = await startServer({ workers: 1, handler: files.url("shout.ts") });
  assertEquals(await exchangeText(server.addr, "hello\n"), "HELLO\n");
});

Deno.test("serve runs a handler from a .js file with a space and a percent sign in its name", async () => {
  await using files = await HandlerFiles.write({ "my 100% é.js": (line) => `<${line}>` });
  const handler = new URL(encodeURIComponent("my 100% é.js"), `file://${files.path}/`);
  await using server = await startServer({ handler });
  assertEquals(await exchangeText(server.addr, "hello\n"), "<hello>\n");
});

Deno.test("serve lets a handler import modules of its own, JSON and built-in ones too", async () => {
  await using files = await HandlerFiles.write({
    "main.ts": `import { wrap } from "./wrap.ts";
      import words from "./words.json" with { type: "json" };
      import { basename } from "node:path";
      export default (line: string): string => wrap(words[line as "a"] ?? basename(line));`,
    "wrap.ts": `import { mark } from "./mark.js";
      export const wrap = (text: string): string => mark + text + mark;`,
    "mark.js": `export const mark = "*";`,
    "words.json": `{ "a": "alpha" }`,
  });
  await using server = await startServer({ workers: 1, handler: files.url("main.ts") });
  assertEquals(await exchangeText(server.addr, "a\nx/y\n"), "*alpha*\n*y*\n");
});

Deno.test("serve loads a handler once per worker and keeps its state there", async () => {
  await using server = await startServer({
    workers: 3,
    source: `const loadedAt = performance.now();
      let jobs = 0;
      export default (line, { workerId }) => [workerId, loadedAt, ++jobs].join(" ");`,
  });
  const talks = [1, 2, 3, 4].map(() => exchangeText(server.addr, "line\n".repeat(500)));
  const jobsOf = new Map<string, number[]>();
  for (const reply of linesOf((await Promise.all(talks)).join(""))) {
    const [worker, loadedAt, job] = reply.split(" ");
    const key = `${worker} ${loadedAt}`;
    jobsOf.set(key, [...jobsOf.get(key) ?? [], Number(job)]);
  }
  assertEquals(new Set([...jobsOf.keys()].map((key) => key[0])).size, jobsOf.size);
  for (const jobs of jobsOf.values()) {
    const sorted = jobs.sort((one, other) => one - other);
    assertEquals(sorted, Array.from(sorted, (_, index) => index + 1));
  }
});

Deno.test("serve tells a handler its worker's ID and nothing that it could change", async () => {
  await using server = await startServer({
    workers: 2,
    source: `export default (line, context) => {
      let refused = false;
      try { context.workerId = 7; } catch { refused = true; /* a module is strict */ }
      return [context.workerId, typeof context.workerId, refused, Object.isFrozen(context.args)].join(" ");
    };`,
  });
  for (const reply of linesOf(await exchangeText(server.addr, "a\n".repeat(20)))) {
    assertMatch(reply, /^[12] number true true$/);
  }
});

const RETURNS: readonly (readonly [code: string, reply: RegExp])[] = [
  ['"text"', /^text\n$/],
  ['""', /^\n$/],
  ["undefined", /^$/],
  ["Promise.resolve('later')", /^later\n$/],
  ["Promise.resolve(undefined)", /^$/],
  ["Promise.reject(new Error('no'))", /^ERR no\n$/],
  ["new Promise((resolve) => setTimeout(resolve, 20, 'waited'))", /^waited\n$/],
  ["{ then(resolve) { resolve('thenable'); } }", /^thenable\n$/],
  ["null", /^ERR .*\bnull\b.*string/],
  ["7", /^ERR .*\bnumber\b.*string/],
  ["true", /^ERR .*\bboolean\b.*string/],
  ["7n", /^ERR .*\bbigint\b.*string/],
  ["Symbol('s')", /^ERR .*\bsymbol\b.*string/],
  ["(() => 'f')", /^ERR .*\bfunction\b.*string/],
  ["{ text: 'a' }", /^ERR .*\bobject\b.*string/],
  ["['a']", /^a\n$/],
  ["['a', '', 'é', '']", /^a\n\né\n\n$/],
  ["[]", /^$/],
  ["Promise.resolve(['a', 'b'])", /^a\nb\n$/],
  ["Array(10000).fill('x'.repeat(99))", /^(x{99}\n){10000}$/],
  ["['a', 7]", /^ERR .*\bnumber\b.*\n$/],
  ["['a', null]", /^ERR .*\bnull\b.*\n$/],
  ["['a', ['b']]", /^ERR .*\bobject\b.*\n$/],
  ["['a', 'b\\nc']", /^ERR .*line end\n$/],
  ["new String('a')", /^ERR .*\bobject\b.*string/],
  ["new Uint8Array(2)", /^ERR .*\bobject\b.*string/],
  ["Promise.resolve(7)", /^ERR .*\bnumber\b.*string/],
  ['"a\\nb"', /^ERR .*line end.*\n$/],
  ['"a\\rb"', /^ERR .*line end.*\n$/],
  ['"a\\n"', /^ERR .*line end.*\n$/],
  ['"é\\n".padStart(300)', /^ERR .*line end.*\n$/],
  ["Promise.resolve('a\\r\\nb')", /^ERR .*line end.*\n$/],
];

Deno.test("serve answers according to what a handler returns", async () => {
  const cases = RETURNS.map(([code]) => `() => (${code})`).join(",\n");
  await using server = await startServer({
    source: `const cases = [${cases}];
      export default (line) => line === "ok" ? line : cases[Number(line)]();`,
  });
  for (const [index, [code, expected]] of RETURNS.entries()) {
    const answer = await exchangeText(server.addr, `${index}\nok\n`);
    assertEquals(answer.endsWith("ok\n"), true, `${code}: ${answer}`);
    assertMatch(answer.slice(0, -3), expected, code);
  }
});

Deno.test("serve sends nothing for a line whose handler returns undefined, among others", async () => {
  await using server = await startServer({
    source: "export default (line) => Number(line) % 3 === 0 ? undefined : line;",
  });
  const lines = Array.from({ length: 2000 }, (_, index) => String(index));
  const replies = linesOf(await exchangeText(server.addr, lines.join("\n")));
  assertEquals(replies, lines.filter((line) => Number(line) % 3 !== 0));
  assertEquals(server.server.counters.answered, lines.length);
});

Deno.test("serve keeps one job at a time in a worker while a handler's promise is pending", async () => {
  await using server = await startServer({
    workers: 1,
    source: `let under = 0;
      export default async (line) => {
        const meanwhile = ++under;
        await new Promise((resolve) => setTimeout(resolve, 1));
        under--;
        return String(meanwhile);
      };`,
  });
  const talks = [1, 2].map(() => exchangeText(server.addr, "a\n".repeat(10)));
  assertEquals(await Promise.all(talks), ["1\n".repeat(10), "1\n".repeat(10)]);
});

Deno.test("serve keeps its workers when handlers throw, line after line", async () => {
  await using server = await startServer({
    workers: 1,
    source: `let thrown = 0;
      export default (line) => { if (line === "?") return String(thrown); thrown++; throw line; };`,
  });
  const answer = await exchangeText(server.addr, `${"no\n".repeat(500)}?\n`);
  assertEquals(answer, `${"ERR no\n".repeat(500)}500\n`);
  const { answered, failed, replaced } = server.server.counters;
  assertEquals({ answered, failed, replaced }, { answered: 1, failed: 500, replaced: 0 });
});

Deno.test("serve tells where a handler throws outside of a job, not what, and goes on", async () => {
  await using files = await HandlerFiles.write({
    "stray.js": `export default (line) => {
      if (line === "timer") setTimeout(() => { throw new TypeError(line); });
      if (line === "promise") Promise.reject(new RangeError(line));
      return line;
    };`,
  });
  await using server = await startServer({ workers: 1, handler: files.url("stray.js") });
  using client = await server.connect();
  for (const line of ["timer", "promise", "on"]) assertEquals(await client.ask(line), line);
  await until(() => server.eventsOf("handler_strayed").length === 2, "both events");
  const reasons = server.eventsOf("handler_strayed").map(({ kind, place }) => `${kind} at ${place}`)
    .sort();
  assertMatch(reasons[0], /^RangeError at stray\.js:3:\d+$/);
  assertMatch(reasons[1], /^TypeError at stray\.js:2:\d+$/);
  assertEquals(server.server.counters.replaced, 0);
});

Deno.test("serve does not let a handler end its worker or the process", async () => {
  await using server = await startServer({
    workers: 1,
    source: `export default (line) => {
      if (line === "exit") Deno.exit(3);
      if (line === "close") self.close();
      return line;
    };`,
  });
  const replies = linesOf(await exchangeText(server.addr, "exit\nclose\non\n"));
  assertMatch(replies[0], /^ERR Deno\.exit\(\)/);
  assertMatch(replies[1], /^ERR close\(\)/);
  assertEquals(replies[2], "on");
});

Deno.test("serve is not confused by what a handler posts to its worker's host", async () => {
  await using server = await startServer({
    workers: 1,
    source: `self.postMessage({ hsha: "unfit", reason: "early" }.reason);
      self.onmessage = () => {};
      export default (line) => {
        self.postMessage({ hsha: "unfit", reason: "late" });
        self.postMessage({ type: "done" });
        return line;
      };`,
  });
  assertEquals(await exchangeText(server.addr, "a\nb\nc\n"), "a\nb\nc\n");
});
