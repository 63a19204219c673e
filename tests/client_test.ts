/** `connect` of the library: lines asked, replies that come in every way, and each kind of end. */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  type Client,
  connect,
  ConnectError,
  ConnectionLostError,
  type ConnectOptions,
  ReplyError,
  TimeoutError,
} from "../lib/mod.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { freePort } from "./helpers/free_port.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** Asks are answered within a time that no test is about. */
const PATIENT: ConnectOptions = { timeout: 600 };

/** A foreign server: what it does with each of its connections is the test's. */
function startPeer(serve: (peer: LineClient) => Promise<void>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const peers: LineClient[] = [];
  const done = (async () => {
    for await (const conn of listener) {
      const peer = new LineClient(conn);
      peers.push(peer);
      serve(peer).catch(() => {});
    }
  })();
  return {
    port: listener.addr.port,
    connect: (options: ConnectOptions = {}) =>
      connect({ port: listener.addr.port, ...PATIENT, ...options }),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const peer of peers) peer.close();
      await done;
    },
  };
}

/** Answers each line by what `reply` makes of it. */
function answering(reply: (line: string, n: number) => string) {
  return startPeer(async (peer) => {
    for (let n = 0;; n++) await peer.send(reply(await peer.reply(), n));
  });
}

/** This server's own echo, of one worker. */
async function startEcho(): Promise<
  AsyncDisposable & { connect(options?: ConnectOptions): Promise<Client>; answered(): number }
> {
  const server = await startServer({ workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  return {
    connect: (options) => connect({ port, ...PATIENT, ...options }),
    answered: () => server.server.counters.answered,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function collect(replies: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = [];
  for await (const reply of replies) list.push(reply);
  return list;
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

Deno.test("Client.ask pipelines ten thousand lines that are asked at once", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  const replies = await within(
    Promise.all(numbers(10_000).map((line) => client.ask(line))),
    "the replies",
    60_000,
  );
  assertEquals(replies, numbers(10_000).map((line) => `1 ${line}`));
});

Deno.test("Client.ask takes replies in single bytes, many at once, and with either end", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.reply();
    for (const byte of new TextEncoder().encode("ä €\r\n")) await peer.send(Uint8Array.of(byte));
    await peer.replies(3);
    await peer.send("one\ntwo\r\n\nfo");
    await peer.reply();
    await peer.send("ur\r");
    await peer.send("\n");
  });
  await using client = await peer.connect();
  assertEquals(await client.ask("a"), "ä €");
  assertEquals(await Promise.all(["b", "c", "d"].map((line) => client.ask(line))), [
    "one",
    "two",
    "",
  ]);
  assertEquals(await client.ask("e"), "four");
});

Deno.test("Client.ask hands bytes that are no UTF-8 there and back", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  const line = "caf\udce9 \udcff\0 é \ufeff 😀 \u2028\u0085";
  assertEquals(await client.ask(line), `1 ${line}`);
});

Deno.test("Client.ask refuses a line with an end in it, and sends nothing", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  for (const line of ["a\nb", "a\r", "\n", 7 as unknown as string]) {
    await assertRejects(() => client.ask(line), TypeError, "it must be a text without a line end");
  }
  assertEquals(await client.ask("c"), "1 c");
  assertEquals(server.answered(), 1);
});

Deno.test("Client.ask throws an ERR reply as an error of its own, and goes on", async () => {
  await using peer = answering((line) => line === "bad" ? "ERR no such thing\n" : `${line}\n`);
  await using client = await peer.connect();
  const [good, bad, also] = await Promise.allSettled(
    ["a", "bad", "ERRATA"].map((line) => client.ask(line)),
  );
  assertEquals([good, also].map((it) => it.status === "fulfilled" && it.value), ["a", "ERRATA"]);
  assertInstanceOf((bad as PromiseRejectedResult).reason, ReplyError);
  const { message, reply } = (bad as PromiseRejectedResult).reason;
  assertEquals([message, reply], ["no such thing", "ERR no such thing"]);
  await using lenient = await peer.connect({ errReply: "return" });
  assertEquals(await lenient.ask("bad"), "ERR no such thing");
});

Deno.test("Client.ask refuses a reply over maxReply as soon as it is, and goes on", async () => {
  const { promise: seen, resolve: see } = Promise.withResolvers<void>();
  await using peer = await startPeer(async (peer) => {
    await peer.replies(2);
    await peer.send(`${"x".repeat(10)}\r\n${"y".repeat(12)}`);
    await seen;
    await peer.send(`${"y".repeat(100_000)}\n`);
    await peer.reply();
    await peer.send(`${"z".repeat(11)}\n`);
    await peer.reply();
    await peer.send("ok\n");
  });
  await using client = await peer.connect({ maxReply: 10 });
  const [fits, over] = [client.ask("a"), client.ask("b")];
  assertEquals(await fits, "x".repeat(10));
  await assertRejects(() => over, RangeError, "longer than 10 bytes");
  see();
  await assertRejects(() => client.ask("c"), RangeError, "longer than 10 bytes");
  assertEquals(await client.ask("d"), "ok");
});

Deno.test("Client closes at a timeout, and says so to each who asked", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.replies(3);
    await peer.send("one\nincompl");
    assertEquals(await peer.restText(), ""); // the client closed
  });
  await using client = await peer.connect({ timeout: 0.6 });
  const asked = ["a", "b", "c"].map((line) => client.ask(line));
  const [a, b, c] = await within(Promise.allSettled(asked), "the timeout");
  assertEquals(a, { status: "fulfilled", value: "one" });
  const { reason: first } = b as PromiseRejectedResult;
  assertInstanceOf(first, TimeoutError);
  assertEquals(first.message, `127.0.0.1:${peer.port} did not reply within 0.6 s`);
  const { reason: second } = c as PromiseRejectedResult;
  assertInstanceOf(second, ConnectionLostError);
  assertEquals(second.cause, first);
  await assertRejects(() => client.ask("d"), ConnectionLostError, "cannot ask 127.0.0.1");
});

Deno.test(
  "Client's timeout is for each reply that is next, however many are due",
  LONG,
  async () => {
    await using peer = await startPeer(async (peer) => {
      const lines = await peer.replies(8);
      for (const line of lines) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        await peer.send(`${line}\n`);
      }
    });
    // Together they take longer than one may.
    await using client = await peer.connect({ timeout: 1.5 });
    const replies = await Promise.all(numbers(8).map((line) => client.ask(line)));
    assertEquals(replies, numbers(8));
  },
);

Deno.test("Client tells a close in the middle of a reply from a reset and from silence", async () => {
  await using closing = await startPeer(async (peer) => {
    await peer.replies(2);
    await peer.send("one\ntw");
    peer.close();
  });
  await using client = await closing.connect();
  const [one, two] = [client.ask("a"), client.ask("b")];
  assertEquals(await one, "one");
  await assertRejects(() => two, ConnectionLostError, "closed the connection before the reply");
  await assertRejects(() => client.ask("c"), ConnectionLostError, "closed the connection");

  await using resetting = await startPeer((peer) => {
    peer.close(); // with bytes unread, once they come
    return Promise.resolve();
  });
  await using other = await resetting.connect();
  await assertRejects(() => other.ask("x".repeat(1_000_000)), ConnectionLostError);
});

Deno.test("Client takes no reply that nobody asked for", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.reply();
    await peer.send("one\ntwo\n");
    await peer.rest();
  });
  await using client = await peer.connect();
  assertEquals(await client.ask("a"), "one");
  await assertRejects(() => client.ask("b"), ConnectionLostError, 'sent "two" unasked');
});

Deno.test("connect reads the greeting first, however it is torn", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.send("220 hel");
    await peer.send("lo\r\n220 ready\nextra");
    await peer.send("-\n");
    await peer.send(`${await peer.reply()}!\n`);
  });
  await using client = await peer.connect({ greeting: 3 });
  assertEquals(client.greeting, ["220 hello", "220 ready", "extra-"]);
  assertEquals(await client.ask("a"), "a!");
});

Deno.test("connect rejects when the greeting is an ERR, too late, or does not come", async () => {
  await using refusing = await startPeer((peer) => peer.send("ERR too many connections\n"));
  await assertRejects(() => refusing.connect({ greeting: 1 }), ReplyError, "too many connections");
  await using silent = await startPeer((peer) => peer.send("hello\n"));
  await assertRejects(() => silent.connect({ greeting: 2, timeout: 0.1 }), TimeoutError);
  await using closing = await startPeer((peer) => Promise.resolve(peer.close()));
  await assertRejects(() => closing.connect({ greeting: 1 }), ConnectionLostError);
});

Deno.test("connect says that nobody listens, and that a handshake takes too long", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertRejects(
    () => connect({ port, tls: true, timeout: 0.1 }),
    TimeoutError,
    `cannot connect to 127.0.0.1:${port} within 0.1 s`,
  );
  const unused = freePort();
  await assertRejects(
    () => connect({ port: unused }),
    ConnectError,
    `cannot connect to 127.0.0.1:${unused}: Connection refused`,
  );
});

Deno.test("connect gives up at its signal, before and after", async () => {
  const reason = new Error("changed my mind");
  await assertRejects(() => connect({ signal: AbortSignal.abort(reason) }), Error, reason.message);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const shaking = new AbortController();
  const handshake = connect({ port: listener.addr.port, tls: true, signal: shaking.signal });
  using _peer = await listener.accept();
  shaking.abort(reason);
  await assertRejects(() => handshake, Error, reason.message);
});

Deno.test("Client rejects what is asked with the reason of its signal", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.rest();
  });
  const stop = new AbortController();
  await using client = await peer.connect({ signal: stop.signal });
  const asked = client.ask("a");
  stop.abort(new Error("changed my mind"));
  await assertRejects(() => asked, Error, "changed my mind");
  await assertRejects(() => client.ask("b"), ConnectionLostError, "changed my mind");
});

Deno.test("Client.close ends what is asked, and what is asked later", async () => {
  await using peer = await startPeer(async (peer) => {
    await peer.rest();
  });
  const client = await peer.connect();
  const asked = client.ask("a");
  client.close();
  client.close();
  await assertRejects(() => asked, ConnectionLostError, "this client was closed");
  await assertRejects(() => client.ask("b"), ConnectionLostError, "this client was closed");
  await client.end();
});

Deno.test("Client.end half-closes, and takes the replies that are due", async () => {
  await using peer = await startPeer(async (peer) => {
    // It answers at the end of its input only, as programs with buffered output do.
    await peer.send(await peer.restText());
  });
  const client = await peer.connect();
  const asked = numbers(3).map((line) => client.ask(line));
  const ended = client.end();
  await assertRejects(() => client.ask("late"), ConnectionLostError, "this client has ended");
  assertEquals(await within(Promise.all(asked), "the replies"), numbers(3));
  await within(ended, "the end");
});

Deno.test("Client.askAll yields all replies in order, of any kind of source", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  const wanted = numbers(1000).map((line) => `1 ${line}`);
  async function* slowly() {
    for (const line of numbers(1000)) {
      if (line.endsWith("99")) await new Promise((resolve) => setTimeout(resolve, 1));
      yield line;
    }
  }
  const all = await Promise.all([
    collect(client.askAll(numbers(1000))),
    collect(client.askAll(slowly())),
    collect(client.askAll(ReadableStream.from(numbers(1000)), { window: 1 })),
    collect(client.askAll([])),
  ]);
  assertEquals(all, [wanted, wanted, wanted, []]);
});

Deno.test("Client.askAll does not wait for the source's next line with a reply in hand", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  const next: ((line: string) => void)[] = [];
  async function* dialogue() {
    for (let line = "0"; line !== "3";) {
      yield line;
      line = await new Promise<string>((resolve) => next.push(resolve));
    }
  }
  const replies: string[] = [];
  for await (const reply of client.askAll(dialogue())) {
    replies.push(reply);
    await until(() => next.length > 0, "the source");
    next.pop()!(String(replies.length));
  }
  assertEquals(replies, ["1 0", "1 1", "1 2"]);
});

Deno.test("Client.askAll sends a window ahead, and no more", async () => {
  let received = 0;
  await using peer = answering((line) => (received++, `${line}\n`));
  await using client = await peer.connect();
  let pulled = 0;
  function* lines() {
    for (const line of numbers(1000)) {
      pulled++;
      yield line;
    }
  }
  let taken = 0;
  for await (const _ of client.askAll(lines(), { window: 10 })) {
    if (++taken === 500) await until(() => received >= taken + 9, "the window");
    assert(pulled <= taken + 10, `${pulled} lines pulled at reply ${taken}`);
  }
  assertEquals([taken, pulled], [1000, 1000]);
});

Deno.test("Client.askAll that nobody takes from holds up the server, and loses nothing", async () => {
  const reply = "r".repeat(64 * 1024);
  let sent = 0;
  await using peer = await startPeer(async (peer) => {
    for (;;) {
      const line = await peer.reply();
      await peer.send(`${line} ${reply}\n`);
      sent++;
    }
  });
  await using client = await peer.connect();
  // 1000 replies of 64 KiB: more than sockets hold.
  const replies = client.askAll(numbers(1000), { window: 1000 });
  assertEquals((await replies.next()).value, `0 ${reply}`);
  let before = -1;
  while (before < sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert(sent < 500, `${sent} replies were taken from the server`);
  let n = 1;
  for await (const each of replies) assertEquals(each, `${n++} ${reply}`);
  assertEquals(n, 1000);
});

Deno.test("Client.ask gets its reply behind those of an askAll that nobody takes from", async () => {
  const reply = "r".repeat(64 * 1024);
  await using peer = answering((line) => `${line} ${reply}\n`);
  await using client = await peer.connect();
  for await (const _ of client.askAll(numbers(100), { window: 40 })) {
    // Up to 40 replies are before it: more than is read when nobody waits.
    assertEquals((await client.ask("x")).length, reply.length + 2);
  }
});

Deno.test("Client.askAll that is left early drops its replies, and the client goes on", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  let closed = false;
  function* lines() {
    try {
      for (;;) yield "x";
    } finally {
      closed = true;
    }
  }
  for await (const reply of client.askAll(lines())) {
    assertEquals(reply, "1 x");
    break;
  }
  assertEquals(closed, true);
  assertEquals(await client.ask("y"), "1 y");
});

Deno.test("Client.askAll that is left early keeps none of the replies that are due", async () => {
  const reply = "r".repeat(64 * 1024);
  let sent = 0;
  await using peer = await startPeer(async (peer) => {
    for (;; sent++) await peer.send(`${await peer.reply()} ${reply}\n`);
  });
  await using client = await peer.connect();
  for await (const _ of client.askAll(numbers(300), { window: 300 })) break;
  // Nobody waits, and all of it is read: more than sockets hold, and more than may be kept.
  await until(() => sent > 250, "the server to get rid of its replies");
  assertEquals(await client.ask("y"), `y ${reply}`);
});

Deno.test("Client.askAll throws what ask throws and what its source throws, in their place", async () => {
  await using peer = answering((line) => line === "bad" ? "ERR bad\n" : `${line}\n`);
  await using client = await peer.connect();
  function* failing() {
    yield "a";
    throw new Error("no more");
  }
  const cases: [Iterable<string>, ErrorConstructor | typeof ReplyError, string][] = [
    [["a", "bad", "b"], ReplyError, "bad"],
    [["a", "b\n", "c"], TypeError, 'The line is "b\\n"'],
    [failing(), Error, "no more"],
  ];
  for (const [lines, kind, message] of cases) {
    const replies = client.askAll(lines);
    assertEquals((await replies.next()).value, "a");
    await assertRejects(() => replies.next(), kind as ErrorConstructor, message);
    assertEquals(await replies.next(), { done: true, value: undefined });
  }
  assertEquals(await client.ask("goes on"), "goes on");
});

Deno.test("Client speaks to a Unix socket", { ignore: Deno.build.os === "windows" }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using _server = await startServer({ workers: 1, unix: `${folder}/socket` });
    await using client = await connect({ unix: `${folder}/socket` });
    assertEquals(await client.ask("hello"), "1 hello");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Client speaks TLS, to servers that it trusts", { ignore: !hasOpenssl }, async () => {
  using certificate = new Certificate();
  const { cert, key } = certificate;
  await using server = await startServer({ workers: 1, tls: { cert, key } });
  const { port } = server.addr as Deno.NetAddr;
  const client = await connect({ port, caCert: cert, ...PATIENT });
  assertEquals(await client.ask("hello"), "1 hello");
  await client.end();
  await assertRejects(
    () => connect({ port, tls: true, ...PATIENT }),
    ConnectError,
    "UnknownIssuer",
  );
  await server.server.shutdown();
  // The first one said that it closes; only the second one broke off.
  assert(server.eventsOf("connection_lost").length <= 1);
});

/** Options that will not do, the class of the error, and what its one sentence says. */
const MISUSES: readonly (readonly [object, ErrorConstructor, string])[] = [
  [{ prot: 7007 }, TypeError, 'There is no option "prot"; there are host, port'],
  [{ port: "7" }, TypeError, 'The option "port" is "7"; it must be an integer from 1 to 65535'],
  [{ port: 0 }, RangeError, 'The option "port" is 0'],
  [{ timeout: -1 }, RangeError, 'The option "timeout" is -1; it must be a number of seconds'],
  [{ greeting: 0.5 }, RangeError, 'The option "greeting" is 0.5'],
  [{ maxReply: 0 }, RangeError, 'The option "maxReply" is 0'],
  [{ tls: "yes" }, TypeError, 'The option "tls" is "yes"; it must be true or false'],
  [{ errReply: "ignore" }, RangeError, '"throw" or "return"'],
  [{ signal: {} }, TypeError, "it must be an AbortSignal"],
  [{ unix: "/tmp/s", port: 7007 }, TypeError, 'it excludes the option "port"'],
];

Deno.test("connect rejects options that will not do, and names the value and what is wanted", async () => {
  for (const [options, error, message] of MISUSES) {
    await assertRejects(() => connect(options), error, message);
  }
});

Deno.test("Client.askAll rejects a window that will not do", async () => {
  await using server = await startEcho();
  await using client = await server.connect();
  const misuse = async () => await collect(client.askAll(["a"], { window: 0 }));
  await assertRejects(misuse, RangeError, 'The option "window" is 0; it must be an integer from 1');
});
