/** The page's server: what it answers, what it refuses, and that nobody makes it grow. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { Snapshot } from "../lib/observe/snapshot.ts";
import { EventStreams } from "../lib/observe/web/event_streams.ts";
import { FILES } from "../lib/observe/web/assets.ts";
import { Feed } from "../lib/observe/web/feed.ts";
import type { Audience } from "../lib/observe/web/protocol.ts";
import { webAddress } from "../lib/observe/web_address.ts";
import { WebHost } from "../lib/observe/web_host.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { ROOT } from "./helpers/program.ts";
import { ask, RawStream } from "../scripts/tools/raw_http.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** A page that shows a snapshot, once it has taken it. */
async function showing(host: WebHost, snapshot: Snapshot): Promise<void> {
  host.post(snapshot);
  const wanted = `\nhsha_lines_total{outcome="accepted"} ${snapshot.lines.accepted}\n`;
  while (!(await ask(host.address, "GET /metrics")).body.includes(wanted));
}

Deno.test("the page's server answers each of its paths, and no other", async () => {
  await using host = await WebHost.start(LOOPBACK);
  await showing(host, new FakeServer().advance(1));
  const statusOf = async (path: string) => (await ask(host.address, `GET ${path}`)).status;
  for (const path of ["/metrics", "/healthz", "/readyz", "/?x=1", ...Object.keys(FILES)]) {
    assertEquals([path, await statusOf(path)], [path, 200]);
  }
  for (
    const path of [
      "/metrics/",
      "/page",
      "/page/",
      "/page/../metrics2",
      "/%2e%2e/etc/passwd",
      "//metrics",
      "/constructor",
      "/__proto__",
      "/favicon.ico",
      "/page/%00",
    ]
  ) {
    assertEquals([path, await statusOf(path)], [path, 404]);
  }
  const { headers } = await ask(host.address, "GET /metrics");
  assertEquals(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
});

Deno.test("the page's server takes GET and HEAD alone, and no URL without end", async () => {
  await using host = await WebHost.start(LOOPBACK);
  await showing(host, new FakeServer().advance(1));
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"]) {
    const { status, headers } = await ask(host.address, `${method} /metrics`, {
      "content-length": "0",
    });
    assertEquals([method, status, headers.get("allow")], [method, 405, "GET, HEAD"]);
  }
  for (const path of ["/", "/metrics", "/events", "/healthz"]) {
    const head = await ask(host.address, `HEAD ${path}`);
    assertEquals([path, head.status, head.body], [path, 200, ""]);
  }
  assertEquals((await ask(host.address, `GET /metrics?${"x".repeat(3000)}`)).status, 414);
});

Deno.test("the page's server refuses a Host that is not this machine, as DNS rebinding has it", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const { port } = host.address;
  for (const path of ["/", "/metrics", "/events", "/healthz"]) {
    for (
      const name of [
        "evil.example",
        `evil.example:${port}`,
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.0.1",
        "0.0.0.0",
        "[::2]",
        "evil@127.0.0.1.x",
        "",
      ]
    ) {
      const { status, body } = await ask(host.address, `GET ${path}`, { host: name });
      assertEquals([path, name, status], [path, name, name === "" ? status : 403]);
      if (name === "") assertEquals(status >= 400, true);
      if (status === 403) assertStringIncludes(body, "Host must be");
    }
  }
  // A tunnel may have another port.
  for (
    const name of [
      `127.0.0.1:${port}`,
      "localhost",
      "localhost:9",
      "LOCALHOST",
      "[::1]:8080",
      "127.0.0.2",
    ]
  ) {
    assertEquals([name, (await ask(host.address, "GET /healthz", { host: name })).status], [
      name,
      200,
    ]);
  }
});

Deno.test("the page's server gives nothing to pages of other sites", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const { port } = host.address;
  const statusOf = async (headers: Record<string, string>) =>
    (await ask(host.address, "GET /healthz", headers)).status;
  for (
    const origin of [
      "http://evil.example",
      "null",
      `http://127.0.0.1:${port + 1}`,
      `http://localhost:${port}`,
    ]
  ) {
    assertEquals([origin, await statusOf({ origin })], [origin, 403]);
  }
  assertEquals(await statusOf({ origin: `http://127.0.0.1:${port}` }), 200);
  assertEquals(
    await statusOf({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }),
    403,
  );
  assertEquals(await statusOf({ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }), 403);
  assertEquals(await statusOf({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }), 200);
  assertEquals(
    await statusOf({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }),
    200,
  );
  const { headers } = await ask(host.address, "GET /");
  assertEquals(headers.has("access-control-allow-origin"), false);
  assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
});

Deno.test("each answer of the page's server has the headers that keep others out", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const answers = await Promise.all([
    ask(host.address, "GET /"),
    ask(host.address, "GET /metrics"),
    ask(host.address, "GET /nothing"),
    ask(host.address, "POST /"),
    ask(host.address, "GET /", { host: "evil.example" }),
    ask(host.address, "HEAD /events"),
  ]);
  for (const { headers } of answers) {
    const policy = headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'");
    assertStringIncludes(policy, "frame-ancestors 'none'");
    assertEquals(/unsafe|https?:|\*/.test(policy), false);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("/readyz follows the server's state, /healthz its life", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const ready = async () => {
    const { status, body } = await ask(host.address, "GET /readyz");
    return [status, body];
  };
  assertEquals(await ready(), [503, "the server is starting\n"]);
  assertEquals((await ask(host.address, "GET /metrics")).status, 503);
  const fake = new FakeServer({ workers: 2 });
  await showing(host, fake.advance(1));
  assertEquals(await ready(), [200, "ready\n"]);
  fake.replace(1);
  await showing(host, fake.advance(1));
  assertEquals(await ready(), [200, "ready\n"]);
  fake.replace(2);
  fake.rate = 4000; // another number of lines, to see that it has come
  await showing(host, fake.advance(1));
  assertEquals(await ready(), [503, "no worker is ready\n"]);
  fake.boot(1);
  fake.boot(2);
  const last = fake.advance(1);
  await showing(host, { ...last, state: "stopping" });
  assertEquals(await ready(), [503, "the server is stopping\n"]);
  assertEquals((await ask(host.address, "GET /healthz")).status, 200);
});

Deno.test("/events greets with all there is, then tells what is new", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const fake = new FakeServer();
  for (let second = 0; second < 5; second++) await showing(host, fake.advance(1));
  fake.sample(60);
  await showing(host, fake.advance(1));
  using stream = await RawStream.open(host.address);
  await stream.until("event: greeting\ndata: ");
  const greeting = JSON.parse(await stream.until("\n\n"));
  assertEquals([greeting.points.length, greeting.events.length, greeting.samples.length], [
    5,
    1,
    50,
  ]);
  assertEquals(greeting.points[0].accepted, 2000);
  assertEquals(greeting.times, undefined);
  fake.tell("warn", "worker_replaced", "replaced worker 1");
  host.post(fake.advance(1));
  await stream.until("event: update\ndata: ");
  const update = JSON.parse(await stream.until("\n\n"));
  assertEquals(update.events.map(({ text }: { text: string }) => text), ["replaced worker 1"]);
  assertEquals([update.samples, update.point.accepted], [[], 2000]);
});

Deno.test("a stream has no data of a line, whatever a snapshot's texts hold", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const fake = new FakeServer();
  fake.tell("info", "x", "a\n\nevent: greeting\ndata: {}");
  host.post(fake.advance(1));
  using stream = await RawStream.open(host.address);
  const text = await stream.until("\n\n");
  assertEquals(text.split("event: ").length, 3); // its own, and that in the JSON text
  assertStringIncludes(text, "a\\n\\nevent: greeting\\ndata: {}");
});

Deno.test("there are 100 streams at the most, and a place is free when a page goes", async () => {
  await using host = await WebHost.start(LOOPBACK);
  host.post(new FakeServer().advance(1));
  const streams = [];
  try {
    for (let index = 0; index < 100; index++) {
      const stream = await RawStream.open(host.address);
      streams.push(stream);
      await stream.until("event: greeting");
    }
    const refused = await ask(host.address, "GET /events");
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
    assertEquals((await ask(host.address, "GET /healthz")).status, 200);
    streams.pop()![Symbol.dispose]();
    for (;;) {
      const stream = await RawStream.open(host.address);
      streams.push(stream);
      if ((await stream.until("\r\n")).includes("200")) break;
    }
  } finally {
    for (const stream of streams) stream[Symbol.dispose]();
  }
});

Deno.test("EventStreams skips what a page does not read, tells it all later, and closes it at last", async () => {
  const feed = new Feed();
  const fake = new FakeServer();
  const told: Audience[] = [];
  const streams = new EventStreams(feed, (by) => told.push(by));
  const send = () => {
    feed.take(fake.advance(0.25));
    streams.send();
  };
  send();
  const reader = streams.open(true)!.getReader();
  const stuck = streams.open(false)!.getReader();
  assertEquals(told, ["slow motion"]);
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  assertMatch(await next(), /^event: greeting/);
  for (let index = 0; index < 20; index++) send();
  assertMatch(await next(), /^event: update/); // the one that found room
  send();
  assertMatch(await next(), /^event: greeting/); // nineteen were skipped
  send();
  assertMatch(await next(), /^event: update/);
  assertEquals(streams.size, 2);
  const { now } = performance;
  performance.now = () => now.call(performance) + 16_000;
  try {
    send();
  } finally {
    performance.now = now;
  }
  assertEquals([streams.size, told], [1, ["slow motion"]]);
  await assertRejects(() => stuck.read().then(() => stuck.read()), Error, "does not read");
  await reader.cancel();
  assertEquals([streams.size, told.at(-1)], [0, "nobody"]);
});

Deno.test("the page's files take less than 150 KB, and load nothing from elsewhere", async () => {
  const all = Object.values(FILES).join("");
  assertEquals(new TextEncoder().encode(all).length < 150_000, true);
  const own = Object.entries(FILES).filter(([path]) => !path.includes("uplot"));
  for (const [path, text] of own) {
    const outside = text.replaceAll("http://www.w3.org/2000/svg", "").match(
      /https?:\/\/|url\(|\bon\w+="/,
    );
    assertEquals([path, outside], [path, null]);
    assertEquals([path, text.split("\n").length <= 251], [path, true]);
  }
  for await (const { name } of Deno.readDir(`${ROOT}lib/observe/web/page`)) {
    assertEquals([name, name === "index.html" || `/page/${name}` in FILES], [name, true]);
  }
});

Deno.test("the files that the page names as the roles' sources are there", async () => {
  const named = [...FILES["/page/roles.js"].matchAll(/"(lib\/[^"]+)"/g)].map(([, path]) => path);
  assertEquals(named.length >= 10, true);
  for (const path of named) await Deno.stat(ROOT + path);
});

Deno.test("webAddress takes [HOST:]PORT, and nothing else", () => {
  assertEquals(webAddress("9090"), { hostname: "127.0.0.1", port: 9090 });
  assertEquals(webAddress("0"), { hostname: "127.0.0.1", port: 0 });
  assertEquals(webAddress("0.0.0.0:80"), { hostname: "0.0.0.0", port: 80 });
  assertEquals(webAddress("localhost:9090"), { hostname: "localhost", port: 9090 });
  assertEquals(webAddress("[::1]:9090"), { hostname: "::1", port: 9090 });
  for (
    const text of [
      "",
      ":",
      ":80",
      "a:",
      "::1:80",
      "[::1]",
      "1:2:3",
      "65536",
      "-1",
      "8e1",
      "a b:1",
      "http://a:80",
      "u@a:80",
    ]
  ) {
    assertEquals([text, webAddress(text)], [text, undefined]);
  }
});
