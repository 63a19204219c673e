/** The library: the shape of a server, its start and its stop, and what it counts. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Counters, serve, type Server, type ServerEvent } from "../lib/mod.ts";
import { exchangeText, LineClient } from "../scripts/tools/line_client.ts";
import { freePort } from "./helpers/free_port.ts";
import { linesOf } from "./helpers/chunkings.ts";
import { within } from "../scripts/tools/deadline.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** A job that takes as many milliseconds as its line says. */
const SLOW = `export default (line) => {
  const end = performance.now() + Number(line);
  while (performance.now() < end);
  return line;
};`;

/** Whether each line accepted has become exactly one thing. */
function assertBalanced({ accepted, answered, failed, gone }: Counters): void {
  assertEquals(accepted, answered + failed + gone);
}

Deno.test("serve gives a server that serves until it is disposed of", async () => {
  let addr: Deno.Addr;
  {
    await using server = await serve({ port: 0 });
    addr = server.addr;
    assertEquals(await exchangeText(addr, "a").then((answer) => answer.length), 4);
  }
  await assertRejects(() => LineClient.connect(addr), Deno.errors.ConnectionRefused);
});

Deno.test("Server.addr is where it listens", async () => {
  await using server = await serve({ port: 0, workers: 1 });
  const { transport, hostname, port } = server.addr as Deno.NetAddr;
  assertEquals({ transport, hostname }, { transport: "tcp", hostname: "127.0.0.1" });
  assert(Number.isInteger(port) && port > 0);
});

Deno.test("Server.finished settles when the server has stopped, not before", async () => {
  const server = await serve({ port: 0, workers: 1 });
  let finished = false;
  const watch = server.finished.then(() => finished = true);
  assertEquals(await exchangeText(server.addr, "a"), "1 a\n");
  assertEquals(finished, false);
  await server.shutdown();
  assertEquals(finished, true);
  await watch;
});

Deno.test("Server.shutdown may be called again, and by many at once", async () => {
  const { server, events } = await startServer();
  await Promise.all([server.shutdown(), server.shutdown(), server[Symbol.asyncDispose]()]);
  await server.shutdown();
  await server.finished;
  const types = events.map(({ type }) => type);
  assertEquals(types, ["listening", "stopping", "stopped"]);
});

Deno.test("Server.shutdown may be called, and its signal aborted, by who is told that the server stops", async () => {
  // It called itself without end, or closed the listener twice.
  const stop = new AbortController();
  const types: string[] = [];
  const server: Server = await serve({
    port: 0,
    workers: 1,
    signal: stop.signal,
    onEvent({ type }) {
      types.push(type);
      if (type !== "stopping") return;
      stop.abort();
      void server.shutdown();
    },
  });
  await server.shutdown();
  assertEquals(types, ["listening", "stopping", "stopped"]);
});

Deno.test("Server.shutdown answers every line that was accepted, then closes", async () => {
  const server = await startServer({ source: SLOW });
  using client = await server.connect();
  await client.send("1\n100\n100\n100\n100\n");
  assertEquals(await client.reply(), "1");
  const stopped = server.server.shutdown();
  assertEquals(await client.restText(), "100\n".repeat(4));
  await stopped;
  assertBalanced(server.server.counters);
});

Deno.test("Server.shutdown answers the lines accepted when more than it accepts were sent", async () => {
  // Once the reading of a connection that waited for room was given up, and its lines with it.
  const server = await startServer({
    workers: 1,
    source: "let jobs = 0; export default (line) => { if (++jobs > 1) for (const end = " +
      "performance.now() + 0.2; performance.now() < end;); return line; };",
  });
  using client = await server.connect();
  const lines = Array.from({ length: 50_000 }, (_, index) => String(index));
  const sent = client.send(lines.join("\n")).catch(() => {});
  const first = await client.reply();
  const stopped = server.server.shutdown();
  const replies = [first, ...linesOf(await client.restText())];
  await stopped;
  await sent;
  const { accepted, answered, gone } = server.server.counters;
  assertEquals({ answered, gone }, { answered: accepted, gone: 0 });
  assertEquals(replies, lines.slice(0, accepted));
  assertEquals(server.eventsOf("connection_lost"), []);
});

Deno.test("Server.shutdown gives up what is not answered within the drain timeout", async () => {
  const server = await startServer({
    workers: 1,
    drainTimeout: 0.1,
    source: 'export default (line) => line === "quick" ? line : new Promise(() => {});',
  });
  using client = await server.connect();
  await client.send("quick\nstuck\nwaits\n");
  assertEquals(await client.reply(), "quick");
  await server.server.shutdown();
  const { answered, gone } = server.server.counters;
  assertEquals([answered, gone], [1, 2]);
  assertEquals((await server.event("connection_lost")).reason, "the server stops");
});

Deno.test("Server.shutdown does not wait for clients that say nothing", async () => {
  const server = await startServer();
  using silent = await server.connect();
  using partial = await server.connect();
  await partial.send("no end");
  await within(server.server.shutdown(), "the stop", 5000);
  assertEquals(await silent.restText(), "");
  assertEquals(await partial.restText(), "");
});

Deno.test("serve rejects with the signal's reason when it was aborted before", async () => {
  const signal = AbortSignal.abort(new Error("changed my mind"));
  await assertRejects(() => serve({ port: 0, signal }), Error, "changed my mind");
});

Deno.test("serve gives a stopped server when its signal aborts while it starts", async () => {
  const stop = new AbortController();
  const starting = serve({ port: 0, workers: 1, signal: stop.signal });
  stop.abort();
  const server = await starting;
  await within(server.finished, "the end");
  await assertRejects(() => LineClient.connect(server.addr), Deno.errors.ConnectionRefused);
});

Deno.test("serve does not wait for a handler that never loads when its signal aborts", async () => {
  const events: string[] = [];
  const stop = new AbortController();
  const handler = new URL("data:text/javascript,await new Promise(() => {});");
  const starting = serve({
    port: 0,
    workers: 1,
    handler,
    signal: stop.signal,
    onListen: () => events.push("onListen"),
    onEvent: ({ type }) => events.push(type),
  });
  stop.abort();
  const server = await within(starting, "the stop", 10_000);
  await within(server.finished, "the end");
  assertEquals(events, ["stopping", "stopped"]);
});

Deno.test("serve stops gracefully when its signal aborts", async () => {
  const stop = new AbortController();
  const server = await startServer({ signal: stop.signal, source: SLOW });
  using client = await server.connect();
  await client.send("1\n50\n");
  assertEquals(await client.reply(), "1");
  stop.abort();
  assertEquals(await client.restText(), "50\n");
  await within(server.server.finished, "the end");
});

Deno.test("serve forgets its signal when the server has stopped", async () => {
  const stop = new AbortController();
  const { server, events } = await startServer({ signal: stop.signal });
  await server.shutdown();
  const told = events.length;
  stop.abort();
  await server.finished;
  assertEquals(events.length, told);
});

Deno.test("serve calls onListen once, with the address, when clients can connect", async () => {
  const addrs: Deno.Addr[] = [];
  await using server = await serve({ port: 0, workers: 1, onListen: (addr) => addrs.push(addr) });
  assertEquals(addrs, [server.addr]);
});

Deno.test("serve rejects with the address when it is taken", async () => {
  await using server = await serve({ port: 0, workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  const reason = `cannot listen on 127.0.0.1:${port}: the address is in use`;
  await assertRejects(() => serve({ port }), Error, reason);
});

Deno.test("Server.counters balance when lines are answered, fail, and lose their client", async () => {
  const server = await startServer({
    maxLine: 10,
    source: `export default (line) => {
      const end = performance.now() + 5;
      while (performance.now() < end);
      if (line === "no") throw new Error("no");
      return line;
    };`,
  });
  using stays = await server.connect();
  const leaves = await server.connect();
  await leaves.send("gone\n".repeat(100));
  await leaves.reply();
  leaves.close();
  await stays.send("yes\nno\nmuch too long\nyes\n");
  assertEquals((await stays.replies(4)).filter((reply) => reply === "yes").length, 2);
  await server.server.shutdown();
  const { counters } = server.server;
  assertBalanced(counters);
  assertEquals(counters.failed, 2);
  assert(counters.gone > 0);
  assertEquals(counters.connections, 2);
  assertEquals((await server.event("stopped")).counters, { ...counters });
});

Deno.test("Server.counters shows numbers when it is printed, and what was read stays as it was", async () => {
  const server = await startServer({ workers: 1 });
  const { counters } = server.server;
  using client = await server.connect();
  assertEquals(await client.ask("a"), "1 a");
  const shown = Deno.inspect(server.server.counters);
  assertMatch(shown, /\banswered: 1\b/);
  assertEquals(shown.match(/Getter/), null, shown);
  assertEquals([counters.answered, server.server.counters.answered], [0, 1]);
  await server.server.shutdown();
});

Deno.test("Server.report tells the counters as an event", async () => {
  const server = await startServer({ workers: 1 });
  using client = await server.connect();
  assertEquals(await client.ask("a"), "1 a");
  server.server.report();
  const { connections, unanswered, counters } = await server.event("counters");
  assertEquals([connections, unanswered, counters.answered], [1, 0, 1]);
  await server.server.shutdown();
});

Deno.test("Server.ref and Server.unref may be called at any time", async () => {
  const server = await serve({ port: 0, workers: 1 });
  server.unref();
  server.ref();
  assertEquals(await exchangeText(server.addr, "a"), "1 a\n");
  await server.shutdown();
});

Deno.test("serve tells its events in order, none with a line's content", async () => {
  const events: ServerEvent[] = [];
  const server = await startServer({ onEvent: (event) => events.push(event), maxLine: 20 });
  await exchangeText(server.addr, `secret\n${"secret".repeat(9)}\n`);
  await server.server.shutdown();
  const types = events.map(({ type }) => type);
  assertEquals(types, [
    "listening",
    "line_too_long",
    "lines_failed",
    "connection_closed",
    "stopping",
    "stopped",
  ]);
  assert(!JSON.stringify(events).includes("secret"));
});

/** Options that will not do, the class of the error, and what its one sentence says. */
const MISUSES: readonly (readonly [object, ErrorConstructor, string])[] = [
  [{ prot: 7007 }, TypeError, 'There is no option "prot"; there are host, port'],
  [
    { port: "7007" },
    TypeError,
    'The option "port" is "7007"; it must be an integer from 0 to 65535',
  ],
  [{ port: 65536 }, RangeError, 'The option "port" is 65536'],
  [{ workers: 0 }, RangeError, 'The option "workers" is 0; it must be an integer from 1'],
  [{ workers: 1.5 }, RangeError, 'The option "workers" is 1.5'],
  [{ order: "random" }, RangeError, '"request", "completion", "serial" or "pinned"'],
  [{ maxLine: 0 }, RangeError, 'The option "maxLine" is 0'],
  [{ drainTimeout: NaN }, RangeError, 'The option "drainTimeout" is NaN'],
  [{ handler: () => "" }, TypeError, "or a URL"],
  [{ signal: {} }, TypeError, "it must be an AbortSignal"],
  [{ onListen: 7 }, TypeError, "it must be a function"],
  [{ unix: "/tmp/s", port: 7007 }, TypeError, 'it excludes the option "port"'],
  [{ permissions: { all: true } }, TypeError, 'There is no permission "all"'],
];

Deno.test("serve rejects options that will not do, and names the value and what is wanted", async () => {
  for (const [options, error, message] of MISUSES) {
    await assertRejects(() => serve({ port: 0, ...options }), error, message);
  }
});

Deno.test("serve rejects with what onListen or onEvent throws, and leaves nothing behind", async () => {
  // The server went on half alive: it accepted connections that nobody served, and could not be stopped.
  for (const name of ["onListen", "onEvent"] as const) {
    const port = freePort();
    const listener = () => {
      throw new Error("not today");
    };
    await assertRejects(() => serve({ port, workers: 1, [name]: listener }), Error, "not today");
    await using again = await serve({ port, workers: 1 });
    assertEquals(await exchangeText(again.addr, "free"), "1 free\n");
  }
});

Deno.test("serve keeps its set of workers when onEvent throws", LONG, async () => {
  // What threw while a worker was replaced came between: nobody booted the new one.
  const uncaught: string[] = [];
  const hear = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.push(event.error.message);
  };
  addEventListener("error", hear);
  try {
    const source = "export default (line) => line === 'never' ? new Promise(() => {}) : line;";
    await using server = await serve({
      port: 0,
      workers: 1,
      handler: new URL(`data:text/javascript,${encodeURIComponent(source)}`),
      jobTimeout: 2,
      onEvent: ({ type }) => {
        if (type !== "listening") throw new Error(type);
      },
    });
    using client = await LineClient.connect(server.addr);
    assertMatch(await client.ask("never"), /^ERR the job ran longer/);
    assertEquals(await client.ask("after"), "after");
    assert(uncaught.includes("worker_replaced"), uncaught.join());
  } finally {
    removeEventListener("error", hear);
  }
});
