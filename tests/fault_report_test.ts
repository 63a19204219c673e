/** What a handler throws is told to the operator: its kind, its place, and no more than is bounded. */

import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import {
  FaultReport,
  isThrownFault,
  type ThrownFault,
} from "../lib/half_sync/worker/fault_report.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";

function report() {
  const told: ThrownFault[] = [];
  return { told, faults: new FaultReport((fault) => void told.push(fault)) };
}

Deno.test("FaultReport tells a flood of errors as two, and looks at few of them", () => {
  const { told, faults } = report();
  let looks = 0;
  const thrown = Object.defineProperty(new RangeError("no"), "stack", {
    get() {
      looks++;
      return "RangeError: no\n    at f (file:///h/my%20words.ts:5:9)\n    at ext:core/a.js:1:1";
    },
  });
  for (let count = 0; count < 100_000; count++) faults.note(thrown);
  faults.flush();
  assertEquals(told.reduce((sum, { times }) => sum + times, 0), 100_000);
  for (const { kind, place } of told) {
    assertEquals([kind, place], ["RangeError", "my%20words.ts:5:9"]);
  }
  assertLess(told.length, 60, "two each second at the most");
  assertLess(looks, 1000, "twenty each second");
});

Deno.test("FaultReport finds no place in a line that looks like one", () => {
  const { told, faults } = report();
  faults.note(new Error("a\n    at f (file:///SECRET.ts:1:2)\n    at file:///SECRET.ts:3:4"));
  faults.flush();
  assertMatch(told[0].place!, /^fault_report_test\.ts:\d+:\d+$/);
});

Deno.test("FaultReport stands whatever is thrown", () => {
  const { told, faults } = report();
  const fail = () => {
    throw new Error("not to be looked at");
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const odd = [
    undefined,
    null,
    "text",
    Symbol("x"),
    revoked.proxy,
    new Proxy(new Error("no"), { get: fail, getPrototypeOf: fail }),
    Object.defineProperty(new Error("no"), "stack", { get: fail }),
    Object.defineProperty(new Error("no"), "message", { value: Symbol("x") }),
    Object.assign(Object.create(Error.prototype), { constructor: { name: 5 } }),
  ];
  for (const thrown of odd) faults.note(thrown);
  faults.flush();
  assertEquals(told.reduce((sum, { times }) => sum + times, 0), odd.length);
  for (const fault of told) assertEquals(isThrownFault(structuredClone(fault)), true);
});

Deno.test("isThrownFault refuses what is none", () => {
  const good = { kind: "Error", times: 1, message: "" };
  assertEquals(isThrownFault(good), true);
  const bad = [null, 5, {}, { ...good, times: 0.5 }, { ...good, times: -1 }, { ...good, kind: {} }];
  for (const value of [...bad, { ...good, place: 1 }]) assertEquals(isThrownFault(value), false);
});

const HANDLER = `// words.ts
export default (line: string): string => {
  if (line === "read") return Deno.readTextFileSync("my files/it's.txt");
  if (line === "null") return null as unknown as string;
  if (line !== "") return line.toUpperCase();
  throw new TypeError("there is no word in " + line + "it");
};
`;

Deno.test("serve logs kind and place of what a handler throws, and the rest for debugging", async () => {
  await using files = await HandlerFiles.write({ "words.ts": HANDLER });
  const args = ["--workers", "1", "--handler", files.file("words.ts")];
  await using server = await FaultServer.start(args);
  using client = await server.connect();
  assertEquals(await client.ask(""), "ERR there is no word in it");
  const failed = await server.event("jobs_failed");
  const { level, worker, kind, place, times } = failed;
  assertEquals([level, worker, kind, times], ["warn", 1, "TypeError", 1]);
  assertEquals(place, "words.ts:6:9");
  assertEquals(JSON.stringify(failed).includes("word in"), false);
  const threw = await server.event("handler_threw");
  assertEquals([threw.level, threw.message], ["debug", "there is no word in it"]);
  assertMatch(String(threw.stack), /^TypeError: there is no word in it\n +at .*words\.ts:6:9/);
  assertMatch(await client.ask("null"), /^ERR the handler returned null/);
  const own = await server.event("jobs_failed", { test: (entry) => entry.place === undefined });
  assertEquals(own.kind, "TypeError", "thrown by the server's own code: no place of the handler");
  await client.send("\n".repeat(5000));
  await client.replies(5000);
  await server.stop();
  assertLess(server.log.filter(({ type }) => type === "jobs_failed").length, 20);
});

Deno.test("serve tells a refused permission in full to the operator, without advice to the client", async () => {
  await using files = await HandlerFiles.write({ "words.ts": HANDLER });
  const args = ["--workers", "1", "--handler", files.file("words.ts")];
  await using server = await FaultServer.start(args);
  using client = await server.connect();
  assertEquals(await client.ask("read"), "ERR Requires read access to a path");
  const { level, kind, place, permission } = await server.event("jobs_failed");
  assertEquals([level, kind, place], ["warn", "NotCapable", "words.ts:3:36"]);
  assertStringIncludes(String(permission), `"my files/it's.txt", run again with the --allow-read`);
});
