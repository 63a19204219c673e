/** `serve --nats` and `work` as a user sees them: real processes and a real NATS server. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { serve } from "../lib/mod.ts";
import { bytesOf, byteString, exchange, LineClient } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import type { FaultServer } from "../scripts/tools/fault_server.ts";
import { NatsService, natsTest, nodesOf } from "./helpers/nats.ts";
import { runProgram } from "./helpers/program.ts";

natsTest("a worker machine runs the lines of a server", async () => {
  await using service = await NatsService.start();
  const node = await service.node({ args: ["--name", "the one"] });
  const front = await service.front();
  using client = await front.connect();
  assertEquals(await client.ask("hello"), "1 hello");
  const [joined] = front.log.filter(({ type }) => type === "node_joined");
  assertEquals([joined.node, joined.workers], ["the one", 1]);
  const { service: name, workers } = await front.event("listening");
  assertEquals([name, workers], ["hsha", 0]);
  node.kill("SIGUSR2");
  const { fronts, lines, ran } = await node.event("node_counters");
  assertEquals([fronts, lines, ran], [1, 0, 1]);
});

natsTest(
  "serve of the library has lines run by worker machines, and leaves nothing behind",
  async () => {
    await using service = await NatsService.start({ source: "export default (line) => line;" });
    const { url } = service.nats;
    const stop = new AbortController();
    const waiting = serve({ port: 0, nats: url, service: "other", signal: stop.signal });
    stop.abort(); // while it waits for a worker machine
    await (await waiting).finished;
    await service.node({ args: ["--service", "words"] });
    await using server = await serve({ port: 0, nats: url, service: "words" });
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("hello"), "hello");
    await assertRejects(() => server.reload(), Error, "only worker machines have one");
    await assertRejects(
      () => serve({ port: 0, nats: "nats://127.0.0.1:1" }),
      Error,
      "cannot connect to NATS at 127.0.0.1:1: connection refused",
    );
  },
);

natsTest("a server waits for its first worker machine, and says so", async () => {
  await using service = await NatsService.start();
  const front = await service.waitingFront();
  await service.node();
  front.addr = (await front.event("listening")).addr as Deno.Addr;
  using client = await front.connect();
  assertEquals(await client.ask("hello"), "1 hello");
});

natsTest("bytes come back exactly over NATS", async () => {
  await using service = await NatsService.start({ source: "export default (line) => line;" });
  await service.node();
  const front = await service.front();
  const every = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const lines = every.filter((byte) => byte !== "\n" && byte !== "\r").map((byte) => `a${byte}b`);
  const text = [...lines, "\xef\xbb\xbf", "", "é\u00ff", lines.join(""), "x".repeat(60_000)]
    .map((line) => `${line}\n`).join("");
  assertEquals(byteString(await exchange(front.addr, bytesOf(text))), text);
});

natsTest("a handler on a worker machine sees the client of the server", async () => {
  await using service = await NatsService.start({
    source: `export default (line, { connectionId, remoteAddr, args, workerId }) =>
      JSON.stringify({ connectionId, port: remoteAddr.port, args, workerId });`,
  });
  await service.node({ args: ["--", "of", "the node"] });
  const front = await service.front({ args: ["--", "of the server"] });
  using one = await front.connect();
  using other = await front.connect();
  const [first, again, second] = [await one.ask("a"), await one.ask("b"), await other.ask("c")]
    .map((reply) => JSON.parse(reply));
  assertEquals(first, again);
  assertEquals(first.port, (one.conn.localAddr as Deno.NetAddr).port);
  assertEquals(second.port, (other.conn.localAddr as Deno.NetAddr).port);
  assertEquals([first.args, first.workerId], [["of", "the node"], 1]);
  assertMatch(first.connectionId, /^\w+-\d+$/);
  assertEquals(first.connectionId.split("-")[0], second.connectionId.split("-")[0]);
  assertEquals(first.connectionId === second.connectionId, false);
});

natsTest("greetings, many lines, none, errors and the end work over NATS", async () => {
  await using service = await NatsService.start({
    source: `export const defaults = { order: "serial", newline: "crlf" };
    export const open = () => ["welcome", "to it"];
    export default (line, context) => {
      if (line === "fail") throw new Error("as you wish");
      if (line === "bye") context.end();
      return line === "none" ? undefined : [line, "."];
    };`,
  });
  await service.node();
  const front = await service.front();
  using client = await front.connect();
  await client.send("one\nnone\nfail\nbye\nnever\n");
  assertEquals(
    await client.restText(),
    "welcome\r\nto it\r\none\r\n.\r\nERR as you wish\r\nbye\r\n.\r\n",
  );
  const { counters } = await front.stop();
  const { accepted, answered, failed, gone } = counters;
  assertEquals([accepted, answered, failed, gone], [5, 3, 1, 1]);
});

natsTest("a reload at a worker machine loses no line", async () => {
  await using service = await NatsService.start({ source: "export default () => 'old';" });
  const node = await service.node();
  const front = await service.front();
  using client = await front.connect();
  assertEquals(await client.ask("x"), "old");
  await Deno.writeTextFile(service.files.file("handler.js"), "export default () => 'new';");
  node.kill("SIGHUP");
  for (let told = false; !told;) {
    told = node.log.some(({ type }) => type === "reloaded");
    assertMatch(await client.ask("x"), told ? /new/ : /old|new/);
  }
});

natsTest("two servers share a worker machine, and each gets its own replies", async () => {
  await using service = await NatsService.start({ source: "export default (line) => line;" });
  await service.node();
  const fronts = [await service.front(), await service.front()];
  const ask = async (front: FaultServer, name: string) => {
    const lines = Array.from({ length: 2000 }, (_, number) => `${name} ${number}\n`).join("");
    assertEquals(byteString(await exchange(front.addr, lines)), lines);
  };
  await Promise.all(fronts.map((front, number) => ask(front, `front ${number}`)));
});

natsTest("worker machines come and go under load, and no line is lost", async () => {
  await using service = await NatsService.start({
    source: `export default (line) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      return line;
    };`,
  });
  const first = await service.node();
  const front = await service.front();
  let over = false;
  const load = async (name: number) => {
    using client = await front.connect();
    for (let number = 0; !over; number += 20) {
      const lines = Array.from({ length: 20 }, (_, index) => `${name} ${number + index}`);
      await client.send(lines.map((line) => `${line}\n`).join(""));
      assertEquals(await client.replies(20), lines);
    }
  };
  const clients = [1, 2, 3, 4].map(load);
  const second = await service.node({ args: ["--workers", "2"] });
  await nodesOf(front, 2);
  first.kill("SIGTERM");
  assertEquals((await within(first.status, "the first one's end")).code, 0);
  const third = await service.node();
  await nodesOf(front, 2);
  second.kill("SIGTERM");
  assertEquals((await within(second.status, "the second one's end")).code, 0);
  over = true;
  await Promise.all(clients);
  const { counters: { accepted, answered, failed, gone } } = await front.stop();
  assertEquals([accepted, failed, gone], [answered, 0, 0]);
  const ran = [first, second].map((node) => Number(node.log.at(-1)?.ran));
  third.kill("SIGTERM");
  await third.status;
  assertEquals(ran[0] + ran[1] + Number(third.log.at(-1)?.ran), answered);
  assertEquals(front.log.filter(({ type }) => type === "node_lost"), []);
});

natsTest("a worker machine whose handler is another one's is refused, on both sides", async () => {
  await using service = await NatsService.start({ source: "export default (line) => line;" });
  await service.node();
  const front = await service.front();
  await Deno.writeTextFile(
    service.files.file("handler.js"),
    "export const defaults = { maxLine: 5 }; export default () => 'other';",
  );
  const other = await service.node();
  const { reason } = await other.event("front_refused");
  assertEquals(reason, "its handler has other defaults");
  await front.event("node_refused");
  using client = await front.connect();
  assertEquals(await client.ask("longer than five"), "longer than five");
  const patient = await service.node({ args: ["--job-timeout", "60"] });
  assertMatch(String((await patient.event("front_refused")).reason), /defaults/);
});

natsTest("a worker machine that gives jobs more time than the server does is refused", async () => {
  await using service = await NatsService.start();
  await service.node();
  await service.front();
  const patient = await service.node({ args: ["--job-timeout", "60"] });
  const { reason } = await patient.event("front_refused");
  assertEquals(reason, "its --job-timeout is 60, but this server's is 30");
});

natsTest("a server with workers of its own has its lines run by all", async () => {
  await using service = await NatsService.start({
    source: `export default (line) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      return String(Deno.pid);
    };`,
  });
  const node = await service.node();
  const handler = service.files.file("handler.js");
  const front = await service.front({ args: ["--workers", "1", "--handler", handler] });
  const clients = await Promise.all(Array.from({ length: 4 }, () => front.connect()));
  const pids = await Promise.all(clients.map(async (client) => {
    await client.send("a\nb\nc\n");
    return await client.replies(3);
  }));
  clients.forEach((client: LineClient) => client.close());
  assertEquals(new Set(pids.flat()), new Set([String(node.pid), String(front.pid)]));
});

natsTest("what cannot be had with NATS is said in one sentence", async () => {
  const cases: [args: string[], code: number, said: RegExp][] = [
    [["serve", "--nats", "http://x"], 2, /^hsha: --nats is "http:\/\/x"; it must be a URL nats:/],
    [["serve", "--nats", "nats://x", "--order", "pinned"], 2, /^hsha: --order is "pinned"; with/],
    [["serve", "--nats", "nats://x", "--handler", "echo"], 2, /^hsha: --handler is "echo"; with/],
    [["serve", "--service", "x"], 2, /^hsha: --service is "x"; it needs --nats, or the variable/],
    [["work"], 2, /^hsha: A worker machine finds its servers over NATS; it needs --nats, or/],
    [["work", "--nats", "nats://x", "--service", "a.b"], 2, /^hsha: --service is "a.b"; it must/],
    [["work", "--nats", "nats://127.0.0.1:1"], 1, /^hsha: cannot connect to NATS at 127.0.0.1:1: /],
    [["serve", "--nats", "nats://127.0.0.1:1", "-p", "0"], 1, /^hsha: cannot connect to NATS at/],
    [["work", "--nats", "nats://x", "--nats-creds", "/no/file"], 1, /^hsha: cannot read --nats-cr/],
  ];
  for (const [args, code, said] of cases) {
    const outcome = await runProgram(args);
    assertMatch(outcome.stderr, said);
    assertEquals([outcome.code, outcome.stderr.trim().split("\n").length], [code, 1]);
  }
});
