/** The reactor's side of the page: its start, what it is told, its end, and a worker that is behind. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { Audience, WebCommand, WebReport } from "../lib/observe/web/protocol.ts";
import type { ScreenListener } from "../lib/observe/screen.ts";
import { after } from "../lib/observe/ticks.ts";
import { WebHost } from "../lib/observe/web_host.ts";
import { until } from "../scripts/tools/deadline.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { freePort } from "./helpers/free_port.ts";
import { RawStream } from "../scripts/tools/raw_http.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

Deno.test("the reactor is told who watches", async () => {
  const told: Audience[] = [];
  await using host = await WebHost.start(LOOPBACK, { watched: (by) => told.push(by) });
  {
    using _page = await RawStream.open(host.address);
    await until(() => told.length === 1, "that a page is open");
    using _slow = await RawStream.open(host.address, "/events?slow-motion");
    await until(() => told.length === 2, "that slow motion is on");
  }
  await until(() => told.at(-1) === "nobody", "that both are gone");
  assertEquals(told.slice(0, 2), ["page", "slow motion"]);
});

Deno.test("WebHost.end ends the streams with a last word, and frees the port", async () => {
  const host = await WebHost.start({ ...LOOPBACK, port: freePort() });
  host.post(new FakeServer().advance(1));
  using stream = await RawStream.open(host.address);
  await stream.until("event: greeting");
  const ended = host.end();
  assertStringIncludes(await stream.rest() ?? "", "event: farewell\ndata: {}\n\n");
  await ended;
  await host.end();
  host.post(new FakeServer().advance(1)); // nobody hears it
  await using again = await WebHost.start(host.address);
  assertEquals(again.address, host.address);
});

Deno.test("after is not over before what happened during a standstill is heard", async () => {
  const told: string[] = [];
  const over = Promise.withResolvers<void>();
  after(50, () => over.resolve(void told.push("over")));
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => void told.push(data);
  port2.postMessage("heard");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200); // this event loop stands still
  await over.promise;
  for (const port of [port1, port2]) port.close();
  assertEquals(told, ["heard", "over"]);
});

Deno.test("pages that go at the moment of the end keep no last word from the others", async () => {
  // A stream may be cancelled while its last word is written; what that threw ended the worker.
  for (let round = 0; round < 5; round++) {
    const host = await WebHost.start(LOOPBACK);
    host.post(new FakeServer().advance(1));
    const open = async () => {
      const stream = await RawStream.open(host.address);
      await stream.until("event: greeting");
      return stream;
    };
    const going = await Promise.all(Array.from({ length: 40 }, open));
    using staying = await open();
    for (const stream of going) stream[Symbol.dispose]();
    const ended = host.end();
    assertStringIncludes(await staying.rest() ?? "", "event: farewell\n");
    await ended;
  }
});

Deno.test("WebHost.start says in one sentence why there is no page", async () => {
  await using host = await WebHost.start(LOOPBACK);
  const { port } = host.address;
  await assertRejects(
    () => WebHost.start(host.address),
    Error,
    `cannot serve the page on 127.0.0.1:${port}: the address is in use`,
  );
  const error = await WebHost.start({ hostname: "192.0.2.1", port: 0 }).catch((error) => error);
  assertMatch(error.message, /^cannot serve the page on 192\.0\.2\.1:0: [^\n(]+$/);
});

Deno.test("WebHost serves on an IPv6 address, and names it as a browser wants it", async () => {
  await using host = await WebHost.start({ hostname: "::1", port: 0 });
  assertEquals(host.url, `http://[::1]:${host.address.port}/`);
  assertEquals(await (await fetch(`${host.url}healthz`)).text(), "ok\n");
});

/** A worker that is not there: it keeps what it is told, and says what the test wants. */
class SilentWorker extends EventTarget {
  static last: SilentWorker;
  readonly told: WebCommand[] = [];
  onmessage: ((event: { data: WebReport }) => void) | undefined;
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | undefined;

  constructor() {
    super();
    SilentWorker.last = this;
    queueMicrotask(() => this.say({ type: "loaded" }));
  }

  say(data: WebReport): void {
    this.onmessage?.({ data });
  }

  postMessage(command: WebCommand): void {
    this.told.push(command);
    if (command.type === "listen") this.say({ type: "listening", address: command.address });
    if (command.type === "end") this.say({ type: "ended" });
  }

  terminate(): void {}
}

/** Starts a page whose worker is a {@linkcode SilentWorker}. */
async function silentHost(
  listener: Partial<ScreenListener> = {},
): Promise<[WebHost, SilentWorker]> {
  const { Worker } = globalThis;
  Object.assign(globalThis, { Worker: SilentWorker });
  try {
    return [await WebHost.start({ hostname: "127.0.0.1", port: 1 }, listener), SilentWorker.last];
  } finally {
    Object.assign(globalThis, { Worker });
  }
}

Deno.test("WebHost.post piles up nothing before a worker that is behind, and gives it the newest", async () => {
  const [host, worker] = await silentHost();
  const fake = new FakeServer();
  const given = () =>
    worker.told.flatMap((it) => it.type === "snapshot" ? [it.snapshot.lines.accepted] : []);
  for (let index = 0; index < 1000; index++) host.post(fake.advance(1));
  assertEquals(given(), [2000]);
  worker.say({ type: "taken" });
  assertEquals(given(), [2000, 2_000_000]);
  worker.say({ type: "taken" });
  host.post(fake.advance(1));
  host.post(fake.advance(1));
  await host.end(); // the last word on the server is not lost
  assertEquals(given(), [2000, 2_000_000, 2_002_000, 2_004_000]);
  assertEquals(worker.told.at(-1)?.type, "end");
});

Deno.test("WebHost tells when its worker has died, and takes snapshots all the same", async () => {
  const reasons: string[] = [];
  const [host, worker] = await silentHost({ died: (reason) => reasons.push(reason) });
  worker.onerror?.({ message: "Uncaught Error: no\n  at x", preventDefault: () => {} });
  host.post(new FakeServer().advance(1));
  await host.end();
  assertEquals(reasons, ["Uncaught Error: no"]);
});
