/** Handlers that speak protocols: greetings, replies of many lines, sessions, and connections that they end. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { sentence } from "../lib/observe/sentences.ts";
import { until } from "../scripts/tools/deadline.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** What every handler here may use: it blocks its worker for so many milliseconds. */
const SLEEP =
  `const sleep = (millis) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);`;

const ORDERS = ["request", "completion", "serial", "pinned"] as const;

/** Lines of a text. */
const linesOf = (text: string) => text.split("\n").slice(0, -1);

for (const order of ORDERS) {
  Deno.test(`open greets each connection before any of its lines runs when the order is ${order}`, async () => {
    await using server = await startServer({
      workers: 2,
      order,
      source: `${SLEEP}
        const opened = new Set();
        export function open(context) {
          sleep(20);
          opened.add(context.connectionId);
          return ["220 hello", "220 ready"];
        }
        export default (line, context) => line;`,
    });
    for (let round = 0; round < 3; round++) {
      using client = await server.connect();
      await client.send("a\nb\nc\n");
      await client.finish();
      assertEquals(linesOf(await client.restText()).slice(0, 2), ["220 hello", "220 ready"]);
    }
    using silent = await server.connect();
    assertEquals(await silent.reply(), "220 hello"); // a client that waits for it
    const { accepted, answered, failed } = server.server.counters;
    assertEquals([accepted, answered, failed], [9, 9, 0], "a greeting is no line");
  });

  Deno.test(`context.end answers what came before, and nothing behind, when the order is ${order}`, async () => {
    await using server = await startServer({
      workers: 4,
      order,
      source: `${SLEEP}
        export default (line, context) => {
          if (line.startsWith("slow")) sleep(25);
          if (line === "quit") context.end();
          return line;
        };`,
    });
    for (let round = 0; round < 10; round++) {
      using client = await server.connect();
      const behind = Array.from({ length: round * 7 }, (_, index) => `behind ${index}`);
      await client.send(["slow 1", "quick", "slow 2", "quit", ...behind, ""].join("\n"));
      const replies = linesOf(await client.restText());
      const before = ["slow 1", "quick", "slow 2", "quit"];
      if (order === "completion") {
        const known = replies.filter((reply) => before.includes(reply));
        assertEquals(known.toSorted(), before.toSorted());
        // What was answered before the end is written, nothing behind it.
        assertEquals(
          replies.slice(replies.indexOf("quit") + 1).filter((it) => it.startsWith("b")),
          [],
        );
      } else {
        assertEquals(replies, before);
      }
    }
    await until(() => server.server.counters.connections === 10, "all connections");
    await server.server.shutdown();
    const { accepted, answered, failed, gone } = server.server.counters;
    assertEquals(accepted, answered + failed + gone);
  });
}

Deno.test("context.end in a job that throws closes behind its ERR", async () => {
  await using server = await startServer({
    source: `export default (line, context) => {
      context.end();
      context.end(); // twice is once
      throw new Error("no");
    };`,
  });
  using client = await server.connect();
  await client.send("a\nb\n");
  assertEquals(await client.restText(), "ERR no\n");
  const { failed, gone } = server.server.counters;
  assertEquals([failed, gone], [1, 1]);
});

Deno.test("context.end behind its job has no effect, and the log says so", async () => {
  await using server = await startServer({
    workers: 1,
    source: `export default (line, context) => {
      setTimeout(() => context.end(), 0);
      return line;
    };`,
  });
  using client = await server.connect();
  assertEquals(await client.ask("a"), "a");
  const event = await server.event("context_used_late");
  assertMatch(
    sentence(event),
    /^context\.end\(\) was called after its job in worker 1 at handler:2:\d+, to no effect$/,
  );
  assertEquals(server.eventsOf("handler_strayed"), [], "nothing was thrown");
  assertEquals(await client.ask("b"), "b");
});

Deno.test("context.end ends a connection in open, and at a half-close", async () => {
  await using server = await startServer({
    source: `export function open(context) {
        if (context.workerId > 0) context.end();
        return "421 closed";
      }
      export default (line) => line;`,
  });
  for (const text of ["", "a\nb", "a\n"]) {
    using client = await server.connect();
    await client.send(text);
    await client.finish();
    assertEquals(await client.restText(), "421 closed\n");
  }
});

Deno.test("open that throws, or hangs, gets an ERR, and its connection is closed", async () => {
  await using server = await startServer({
    workers: 2,
    source: `let count = 0;
      export const open = (context) => { if (context.args[0]) for (;;); throw new Error("not today"); };
      export default (line) => line;`,
  });
  using client = await server.connect();
  assertEquals(await client.restText(), "ERR not today\n");
  await using hangs = await startServer({
    workers: 1,
    jobTimeout: 0.3,
    source: `export const open = () => { for (;;); };
      export default (line) => line;`,
  });
  using other = await hangs.connect();
  await other.send("line\n");
  assertMatch(await other.restText(), /^ERR the job ran longer than the limit of 0\.3 seconds\n$/);
  assertEquals(hangs.server.counters.answered, 0);
});

Deno.test("context.session is a connection's own in pinned order, and close hears of its end", async () => {
  await using server = await startServer({
    workers: 3,
    order: "pinned",
    source: `const closed = [];
      export default (line, context) => {
        if (line === "closed?") return closed.length === 0 ? "none" : closed;
        context.session = [...context.session ?? [], line];
        return context.workerId + " " + context.session.join(",");
      };
      export const close = (context) => void closed.push(context.session.join(","));`,
  });
  const clients = await Promise.all(Array.from({ length: 6 }, () => server.connect()));
  const workers = new Map<number, string>();
  for (let round = 0; round < 5; round++) {
    for (const [index, client] of clients.entries()) {
      const [worker, session] = (await client.ask(`${index}.${round}`)).split(" ");
      assertEquals(
        session,
        Array.from({ length: round + 1 }, (_, it) => `${index}.${it}`).join(","),
      );
      workers.set(index, workers.get(index) ?? worker);
      assertEquals(worker, workers.get(index), "always the same worker");
    }
  }
  const perWorker = Object.values(Object.groupBy([...workers.values()], (worker) => worker));
  assertEquals(perWorker.map((group) => group!.length), [2, 2, 2], "even shares");
  const [gone, ...others] = clients;
  gone[Symbol.dispose]();
  const mate = others.find((_, index) => workers.get(index + 1) === workers.get(0))!;
  const mine = ["0.0", "0.1", "0.2", "0.3", "0.4"].join(",");
  while (await mate.ask("closed?") !== mine); // it comes soon
  for (const client of others) client[Symbol.dispose]();
});

Deno.test("context.session throws in an order in which connections have none", async () => {
  await using server = await startServer({
    source: `export default (line, context) => {
      if (line === "get") return String(context.session);
      context.session = 1;
      return line;
    };`,
  });
  using client = await server.connect();
  assertEquals(await client.ask("get"), "undefined");
  assertEquals(
    await client.ask("set"),
    'ERR a connection has a session only with the order "pinned"',
  );
});

Deno.test(
  "serve closes the connections of a lost worker in pinned order, and no others",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 2,
      order: "pinned",
      jobTimeout: 2,
      source: `export default (line, context) => {
      if (line === "hang") for (;;);
      return String(context.workerId);
    };`,
    });
    const clients = await Promise.all(Array.from({ length: 4 }, () => server.connect()));
    const workers: string[] = [];
    for (const client of clients) workers.push(await client.ask("who?"));
    const lost = clients.filter((_, index) => workers[index] === workers[0]);
    assertEquals(lost.length, 2);
    await clients[0].send("hang\nbehind\n");
    assertMatch(await clients[0].restText(), /^ERR the job ran longer[^\n]*\n$/);
    assertEquals(await lost[1].restText(), "");
    for (const client of clients.filter((each) => !lost.includes(each))) {
      assert(workers.includes(await client.ask("still?")));
    }
    using fresh = await server.connect();
    assertMatch(await fresh.ask("who?"), /^[12]$/);
    for (const client of clients) client[Symbol.dispose]();
  },
);

Deno.test(
  "reload lets pinned connections finish on the old worker, up to the drain timeout",
  LONG,
  async () => {
    await using server = await startServer({
      workers: 1,
      order: "pinned",
      drainTimeout: 2,
      source: `const life = crypto.randomUUID();
      export default (line) => life;`,
    });
    using old = await server.connect();
    const life = await old.ask("a");
    await server.server.reload();
    assertEquals(await old.ask("b"), life, "its worker goes on for it");
    using fresh = await server.connect();
    assert(await fresh.ask("a") !== life, "a new connection has a new worker");
    assertEquals(await old.restText(), "", "it is closed at the drain timeout");
    assertEquals(server.eventsOf("connection_unpinned").length, 1);
    assert(await fresh.ask("b") !== life);
  },
);

Deno.test("context.connectionId and remoteAddr are those of the connection, args those of the options", async () => {
  await using server = await startServer({
    workers: 2,
    handlerArgs: ["a b", "c"],
    source: `export default (line, { connectionId, remoteAddr, args }) =>
      JSON.stringify({ connectionId, remoteAddr, args });`,
  });
  const seen = new Set<string>();
  for (let round = 0; round < 3; round++) {
    using client = await server.connect();
    const first = JSON.parse(await client.ask("a"));
    assertEquals(JSON.parse(await client.ask("b")), first);
    assertEquals(first.args, ["a b", "c"]);
    assertMatch(first.connectionId, /^\S+$/);
    assertEquals([first.remoteAddr.transport, first.remoteAddr.hostname], ["tcp", "127.0.0.1"]);
    seen.add(first.connectionId);
  }
  assertEquals(seen.size, 3);
});
