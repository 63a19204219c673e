/** Events in words: how a handler is called. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { handlerName, sentence } from "../lib/observe/sentences.ts";

const FILE = "file:///srv/my%20handlers/%C3%BCber%20100%25.ts";

Deno.test("sentence says a handler file by its path, in which a space is a space", () => {
  const addr = { transport: "tcp", hostname: "127.0.0.1", port: 7007 } as const;
  const listening = { type: "listening", addr, workers: 2 } as const;
  const path = "/srv/my handlers/über 100%.ts";
  assertEquals(
    sentence({ ...listening, handler: FILE }),
    `listening on 127.0.0.1:7007 with 2 workers, handler ${path}`,
  );
  const working = { type: "working", node: "one", service: "hsha", workers: 2 } as const;
  assertStringIncludes(sentence({ ...working, handler: FILE }), `, handler ${path}`);
  assertStringIncludes(sentence({ ...listening, handler: "echo" }), ", handler echo");
});

Deno.test("handlerName is a file's name as it is on the disk", () => {
  assertEquals([FILE, "echo", "data:text/javascript,a/b", "file:///a/100%.ts"].map(handlerName), [
    "über 100%.ts",
    "echo",
    "inline",
    "100%.ts",
  ]);
});
