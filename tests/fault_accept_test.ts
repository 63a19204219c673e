/** Faults of accepting: neither a client nor a lack of descriptors ends the server. */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import type { Counters, ServerEvent } from "../lib/observe/events.ts";
import { acceptLoop } from "../lib/half_async/acceptor.ts";
import type { FreshTransport } from "../lib/half_async/entrance.ts";
import { identify } from "../lib/half_async/listener.ts";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { connectionSet } from "./helpers/connection_set.ts";
import { until } from "../scripts/tools/deadline.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

/** A reserve that is full. */
const FULL = { lent: false, wanting: false };

/** Runs the accept loop on a listener that does these things in turn, and is closed after them. */
async function acceptInTurn(deeds: (() => Deno.Conn)[], lent = () => false) {
  const events: ServerEvent[] = [];
  const served: string[] = [];
  const turns = [...deeds];
  const pauses: number[] = [];
  using _clock = overhear(pauses);
  await acceptLoop({
    accept() {
      const deed = turns.shift();
      if (deed === undefined) return Promise.reject(new Deno.errors.BadResource("closed"));
      return new Promise((resolve) => resolve(deed()));
    },
  }, {
    serve: (conn) => new Promise((resolve) => resolve(void served.push(identify(conn).name))),
    onEvent: (event) => void events.push(event),
    descriptors: {
      get lent() {
        return lent();
      },
      wanting: false,
    },
    signal: new AbortController().signal,
  });
  await new Promise((resolve) => setTimeout(resolve)); // connections are prepared meanwhile
  return { events, served, pauses: pauses.slice(0, -1) };
}

/** Notes, in milliseconds, what is asked of `setTimeout`, until it is disposed of. */
function overhear(pauses: number[]): Disposable {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = Object.assign((run: () => void, millis = 0) => {
    pauses.push(millis);
    return setTimeout(run, millis);
  }, setTimeout);
  return {
    [Symbol.dispose]() {
      globalThis.setTimeout = setTimeout;
    },
  };
}

/** A connection that can be prepared; `broken` is the property whose use fails. */
function fakeConn(broken?: "setNoDelay" | "remoteAddr"): Deno.Conn {
  const fail = (name: string) => {
    if (broken === name) throw new Deno.errors.NotConnected("Transport endpoint is not connected");
  };
  const conn = {
    setNoDelay: () => fail("setNoDelay"),
    get remoteAddr() {
      fail("remoteAddr");
      return { transport: "tcp", hostname: "127.0.0.1", port: 1 };
    },
    close() {},
  };
  return conn as unknown as Deno.Conn;
}

function thrower(error: Error): () => Deno.Conn {
  return () => {
    throw error;
  };
}

for (
  const error of [
    new Deno.errors.NotConnected("Transport endpoint is not connected (os error 107)"),
    new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"),
    new Deno.errors.ConnectionAborted("Software caused connection abort (os error 103)"),
  ]
) {
  Deno.test(`acceptLoop goes on at once when accept throws ${error.constructor.name}`, async () => {
    const { events, served, pauses } = await acceptInTurn([
      thrower(error),
      thrower(error),
      () => fakeConn(),
    ]);
    assertEquals(served, ["127.0.0.1:1"]);
    assertEquals(pauses, []);
    const reason = error.message.replace(/ \(os error \d+\)$/, "");
    const left = { type: "connection_aborted", reason, times: 1 } as const;
    assertEquals(events, [left, left]); // no failure of the server: load balancers' probes do so
  });
}

for (
  const message of [
    "Too many open files (os error 24)",
    "Too many open files in system (os error 23)",
    "No buffer space available (os error 105)",
    "Cannot allocate memory (os error 12)",
    "something nobody has thought of",
  ]
) {
  Deno.test(`acceptLoop waits 100 ms and goes on when accept throws "${message}"`, async () => {
    const { served, pauses } = await acceptInTurn([thrower(new Error(message)), () => fakeConn()]);
    assertEquals(served, ["127.0.0.1:1"]);
    assertEquals(pauses, [100]);
  });
}

for (
  const error of [new Deno.errors.BadResource("Bad resource ID"), new Deno.errors.Interrupted()]
) {
  Deno.test(`acceptLoop ends when accept throws ${error.constructor.name}`, async () => {
    const { served } = await acceptInTurn([thrower(error), () => fakeConn()]);
    assertEquals(served, []);
  });
}

for (const broken of ["setNoDelay", "remoteAddr"] as const) {
  Deno.test(`acceptLoop goes on when ${broken} of the fresh connection throws`, async () => {
    const { events, served } = await acceptInTurn([() => fakeConn(broken), () => fakeConn()]);
    assertEquals(served, ["127.0.0.1:1"]);
    assertEquals(events.map(({ type }) => type), ["connection_aborted"]);
  });
}

Deno.test("acceptLoop takes no further connection while descriptors are lent to a worker", async () => {
  // It looked only after a failure: what a worker was to start with, clients in the backlog took.
  const answers = [false, true, true, false];
  const { served, pauses } = await acceptInTurn(
    [() => fakeConn(), () => fakeConn()],
    () => answers.shift() ?? false,
  );
  assertEquals([served.length, pauses], [2, [100, 100]]);
});

for (const kind of ["that stay", "that are gone already"]) {
  Deno.test(`acceptLoop serves others while it accepts a flood of clients ${kind}`, async () => {
    const most = 300_000;
    let accepted = 0;
    let turned = Infinity;
    const end = new AbortController();
    setTimeout(() => {
      turned = accepted;
      end.abort();
    }, 0);
    const gone = new Deno.errors.NotConnected();
    const accept = () => {
      if (++accepted > most) throw new Deno.errors.BadResource();
      return kind === "that stay" ? Promise.resolve(fakeConn()) : Promise.reject(gone);
    };
    const serve = () => Promise.resolve();
    const { signal } = end;
    await acceptLoop({ accept }, { serve, onEvent: () => {}, descriptors: FULL, signal });
    assertLess(turned, most);
  });
}

Deno.test("acceptLoop reports the first failure of a flood at once, and the last ones at the end", async () => {
  const none = thrower(new Error("No buffer space available (os error 105)"));
  const { events } = await acceptInTurn(Array.from({ length: 12 }, () => none));
  assertEquals(events.map((event) => event.type === "accept_failed" && event.times), [1, 11]);
});

Deno.test("serve goes on when clients reset while they wait to be accepted", async () => {
  await using server = await FaultServer.start(["--workers", "1"]);
  await server.freeze(); // connections stay in the backlog
  const { port } = server.addr as Deno.NetAddr;
  for (let count = 0; count < 50; count++) {
    const conn = await Deno.connect({ port });
    await conn.write(new Uint8Array([10]));
    conn.close(); // being frozen keeps the server from reading the byte, which makes a reset of it
  }
  server.kill("SIGCONT");
  using client = await server.connect();
  assertEquals(await client.ask("still here"), "1 still here");
  assertEquals((await server.stop()).code, 0);
});

Deno.test(
  "serve outlives a lack of descriptors, says so once, and serves again",
  LONG,
  async () => {
    await using server = await FaultServer.start(["--workers", "1"], { descriptors: 120 });
    const clients: LineClient[] = [];
    for (let count = 0; count < 200; count++) clients.push(await server.connect());
    const { reason } = await server.event("accept_failed");
    assertMatch(String(reason), /Too many open files/);
    assertMatch(await clients[0].ask("an old client"), /^1 an old client$/);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // ten tries to accept
    const reports = server.log.filter(({ type }) => type === "accept_failed");
    assertEquals(reports.length, 1, "one line for an interval");
    for (const client of clients.slice(0, 150)) client.close();
    const replies = await Promise.all(clients.slice(150).map((client) => client.ask("waited")));
    assertEquals(replies, Array(50).fill("1 waited"), "those in the backlog are served at last");
    for (const client of clients) client.close();
    await until(() => server.usage().descriptors < 60, "its descriptors are given back");
    assertEquals((await server.stop()).code, 0);
  },
);

Deno.test(
  "WorkerPool replaces a worker when clients have taken every descriptor",
  LONG,
  async () => {
    const args = ["--workers", "2", "--handler", handlerFile("trouble")];
    await using server = await FaultServer.start(args, { descriptors: 120 });
    const clients: LineClient[] = [];
    for (let count = 0; count < 200; count++) clients.push(await server.connect());
    await server.event("accept_failed");
    for (let round = 1; round <= 10; round++) { // before, Deno panicked at the first
      assertEquals(await clients[0].ask("die"), "ERR the worker that ran this job died");
      assertMatch(await clients[0].ask(`round ${round}`), /^[12] round/);
    }
    for (const client of clients.slice(1)) client.close();
    using newcomer = await server.connect();
    assertMatch(await newcomer.ask("new"), /^[12] new$/);
    clients[0].close();
    const { code, counters } = await server.stop();
    assertEquals([code, counters.replaced], [0, 10]);
  },
);

Deno.test("ConnectionSet closes a refused connection whose client resets it", async () => {
  // It kept its descriptor for ever: health checks that do not read took all there are.
  let closed = 0;
  const conn = {
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(),
    read: () => Promise.reject(new Deno.errors.ConnectionReset("Connection reset by peer")),
    close: () => void closed++,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
  } as unknown as Deno.Conn;
  const counters = { refused: 0 } as Counters;
  const connections = connectionSet({ maxConnections: 0, counters });
  await connections.add(conn);
  await connections.end();
  assertEquals([counters.refused, closed], [1, 1]);
});

Deno.test("acceptLoop gives a connection whose handshake ends with the stop to nobody's harm", async () => {
  // It was closed twice, which threw, and refused, which left a timer behind.
  const handshake = Promise.withResolvers<void>();
  const accepted = Promise.withResolvers<Deno.Conn>();
  let closed = 0;
  const conn = {
    handshake: () => handshake.promise,
    remoteAddr: { hostname: "127.0.0.1", port: 1 },
    close() {
      if (closed++ > 0) throw new Deno.errors.BadResource("Bad resource ID");
    },
  } as unknown as Deno.Conn;
  const turns = [() => Promise.resolve(conn), () => accepted.promise];
  const events: ServerEvent[] = [];
  const onEvent = (event: ServerEvent) => events.push(event);
  const counters = { refused: 0, connections: 0 } as Counters;
  const connections = connectionSet({ maxConnections: 10, counters, onEvent });
  const stop = new AbortController();
  const serve = (conn: FreshTransport) => connections.add(conn);
  const listener = { accept: () => turns.shift()!() };
  const { signal } = stop;
  const loop = acceptLoop(listener, { serve, onEvent, descriptors: FULL, signal });
  await until(() => turns.length === 0, "the handshake under way");
  stop.abort();
  accepted.reject(new Deno.errors.BadResource("closed"));
  handshake.resolve();
  await loop;
  await connections.end();
  await until(() => closed > 1, "the end of the handshake");
  assertEquals([counters.refused, events.length], [0, 0]);
});
