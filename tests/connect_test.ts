/** `hsha connect` as a process: what goes through it, how it ends, what it says when it fails. */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { closeQuietly } from "../lib/half_async/listener.ts";
import { exchange } from "../scripts/tools/line_client.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { again } from "./helpers/again.ts";
import { freePort } from "./helpers/free_port.ts";
import { ROOT, runProgram } from "./helpers/program.ts";
import { forgetPeak, usageOf } from "../scripts/tools/usage.ts";
import { startServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** A server of one worker, so that every reply can be foretold. */
function startOne() {
  return startServer({ workers: 1 });
}

/** A server with a life of its own: `serve` gets each connection and need not close it. */
function startPeer(serve: (conn: Deno.Conn) => Promise<void>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const conns: Deno.Conn[] = [];
  const done = (async () => {
    for await (const conn of listener) {
      conns.push(conn);
      serve(conn).catch(() => {});
    }
  })();
  return {
    target: String(listener.addr.port),
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of conns) closeQuietly(conn);
      await done;
    },
  };
}

function spawnConnect(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, "connect", ...args],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Feeds a client its whole input, and takes its whole output, as bytes. */
async function pipe(input: Uint8Array<ArrayBuffer>, ...args: string[]) {
  const child = spawnConnect(...args);
  const [{ code, stdout, stderr }] = await within(
    Promise.all([child.output(), new Response(input).body?.pipeTo(child.stdin)]),
    "the client's end",
  );
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

function portOf(addr: Deno.Addr): string {
  return String((addr as Deno.NetAddr).port);
}

Deno.test("connect sends its input and prints the replies", async () => {
  await using server = await startOne();
  const outcome = await runProgram(["connect", portOf(server.addr)], { stdin: "1\n2\n3\n4\n5\n" });
  assertEquals(outcome, { code: 0, stdout: "1 1\n1 2\n1 3\n1 4\n1 5\n", stderr: "" });
});

Deno.test("connect takes its target in each of its forms", LONG, async () => {
  await using server = await startOne();
  const port = portOf(server.addr);
  const forms: { args: string[]; env?: Record<string, string> }[] = [
    { args: [`127.0.0.1:${port}`] },
    { args: [`localhost:${port}`] },
    { args: ["--host", "127.0.0.1", "-p", port] },
    { args: [port], env: { HSHA_PORT: "1", HSHA_UNIX: "/nowhere" } },
    { args: [], env: { HSHA_PORT: port } },
  ];
  await Promise.all(forms.map(async ({ args, env }) => {
    const outcome = await runProgram(["connect", ...args], { stdin: "hello", env });
    assertEquals(outcome, { code: 0, stdout: "1 hello\n", stderr: "" });
  }));
});

Deno.test("connect hands bytes on as they are", LONG, async () => {
  await using server = await startOne();
  const input = new Uint8Array(300_000);
  for (let i = 0; i < input.length; i++) input[i] = (i * 7 + (i >> 8)) & 255;
  const { code, stdout, stderr } = await pipe(input, portOf(server.addr));
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(Buffer.compare(stdout, await exchange(server.addr, input)), 0);
});

Deno.test("connect prints nothing for no input", async () => {
  await using server = await startOne();
  const outcome = await runProgram(["connect", portOf(server.addr)], { stdin: "" });
  assertEquals(outcome, { code: 0, stdout: "", stderr: "" });
});

Deno.test("connect answers a person's line before the next one is typed", async () => {
  await using server = await startOne();
  const child = spawnConnect(portOf(server.addr));
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (const line of ["first", "second"]) {
    await writer.write(new TextEncoder().encode(`${line}\n`));
    assertEquals((await within(reader.read(), "the reply")).value, `1 ${line}\n`);
  }
  await writer.close();
  assertEquals(await reader.read(), { done: true, value: undefined });
  assertEquals((await child.status).code, 0);
  await child.stderr.cancel();
});

Deno.test("connect speaks to a Unix socket", { ignore: Deno.build.os === "windows" }, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  try {
    await using _server = await startServer({ workers: 1, unix: path });
    const outcome = await runProgram(["connect", "--unix", path], { stdin: "hello\n" });
    assertEquals(outcome, { code: 0, stdout: "1 hello\n", stderr: "" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("connect --time tells how long each reply took", async () => {
  await using server = await startOne();
  const args = ["connect", "--time", portOf(server.addr)];
  const { code, stdout } = await runProgram(args, { stdin: "one\r\ntwo\rthree\nfour" });
  assertEquals(code, 0);
  const lines = stdout.split("\n");
  assertEquals(lines.map((line) => line.replace(/^\d+\.\d{3} ms {2}/, "")), [
    "1 one",
    "1 two",
    "1 three",
    "1 four",
    "",
  ]);
});

Deno.test("connect says in one line that nobody listens", async () => {
  const target = `127.0.0.1:${freePort()}`;
  const outcome = await runProgram(["connect", target], { stdin: "hello\n" });
  const stderr = `hsha: cannot connect to ${target}: Connection refused\n`;
  assertEquals(outcome, { code: 1, stdout: "", stderr });
});

Deno.test("connect says in one line that the server closed too early", async () => {
  await using peer = startPeer(async (conn) => {
    await conn.read(new Uint8Array(100));
    await conn.write(new TextEncoder().encode("1 hello\n"));
    conn.close();
  });
  const child = spawnConnect(peer.target);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("hello\n"));
  const { code, stdout, stderr } = await within(child.output(), "the client's end");
  await writer.close().catch(() => {});
  assertEquals(code, 1);
  assertEquals(new TextDecoder().decode(stdout), "1 hello\n");
  const message =
    `hsha: 127.0.0.1:${peer.target} closed the connection before the end of the input\n`;
  assertEquals(new TextDecoder().decode(stderr), message);
});

// It waits a fifth of a second for its input's end, and a pause may take that.
Deno.test("connect ends well when its input ends just after the server has closed", () =>
  again(async () => {
    let close = () => {};
    await using peer = startPeer(async (conn) => {
      close = () => conn.close();
      await conn.read(new Uint8Array(100));
      await conn.write(new TextEncoder().encode("bye\n"));
    });
    const child = spawnConnect(peer.target);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("bye\n"));
    const reader = child.stdout.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "bye\n");
    close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.close();
    reader.releaseLock();
    const { code, stderr } = await within(child.output(), "the client's end");
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  }));

Deno.test("connect says that input is lost which comes just after the server has closed", async () => {
  await using peer = startPeer(async (conn) => {
    await conn.read(new Uint8Array(100));
    await conn.write(new TextEncoder().encode("bye\n"));
    conn.close();
  });
  const child = spawnConnect(peer.target);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("bye\n"));
  const reader = child.stdout.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 150)); // nothing tells when it has heard the end
  await writer.write(new TextEncoder().encode("lost\n")).catch(() => {});
  await writer.close().catch(() => {});
  reader.releaseLock();
  const { code, stderr } = await within(child.output(), "the client's end");
  assertEquals(code, 1);
  assertStringIncludes(new TextDecoder().decode(stderr), "before the end of the input");
});

Deno.test("connect --time hands on a reply that broke off", async () => {
  await using peer = startPeer(async (conn) => {
    await conn.write(new TextEncoder().encode("one\nlast words"));
    conn.close();
  });
  const child = spawnConnect("--time", peer.target);
  const { code, stdout } = await within(child.output(), "the client's end");
  await child.stdin.close().catch(() => {});
  assertEquals([code, new TextDecoder().decode(stdout)], [1, "-  one\n-  last words"]);
});

Deno.test("connect says in one line that the server reset the connection", async () => {
  await using peer = startPeer((conn) => {
    // Closing with unread bytes resets.
    setTimeout(() => conn.close(), 0);
    return Promise.resolve();
  });
  const { code, stderr } = await pipe(new Uint8Array(1_000_000), peer.target).catch(() => {
    // The input may break off too; the client's own words are what counts.
    return runProgram(["connect", peer.target], { stdin: "x\n".repeat(500_000) });
  });
  assertEquals(code, 1);
  assertMatch(stderr, /^hsha: [^\n]+\n$/);
});

Deno.test("connect ends quietly when nobody reads its output", async () => {
  await using peer = startPeer(async (conn) => {
    const reply = new TextEncoder().encode("1 hello\n".repeat(8192));
    for (;;) await conn.write(reply);
  });
  const child = spawnConnect(peer.target);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const { code } = await within(child.status, "the client's end");
  const stderr = await new Response(child.stderr).text();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  await child.stdin.close().catch(() => {});
});

/** Far more than the buffers of a socket and two pipes hold. */
const FLOOD = 64 * 1024 * 1024;
/** The most that may be on its way while the server does not read. */
const UNDER_WAY = 24 * 1024 * 1024;
/** Milliseconds without progress that are taken for a halt. A slow machine makes it halt earlier. */
const HALT_MS = 500;

Deno.test("connect takes no more input than the server does", LONG, async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let received = 0;
  await using peer = startPeer(async (conn) => {
    await released;
    const buffer = new Uint8Array(1 << 20);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      received += count;
    }
    conn.close();
  });
  const child = spawnConnect(peer.target);
  const ended = child.output();
  const writer = child.stdin.getWriter();
  const chunk = new Uint8Array(1 << 18);
  let taken = 0;
  let halted = false;
  while (taken < FLOOD) {
    const write = writer.write(chunk).then(() => true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const halt = new Promise<boolean>((resolve) => timer = setTimeout(resolve, HALT_MS, false));
    if (!halted && !await Promise.race([write, halt])) {
      halted = true;
      assertLess(taken, UNDER_WAY);
      release();
    }
    clearTimeout(timer);
    await within(write, "the client to go on");
    taken += chunk.length;
  }
  await writer.close();
  assert(halted);
  assertEquals((await within(ended, "the client's end")).code, 0);
  assertEquals(received, FLOOD);
});

/** Runs a program with non-blocking streams, as one that shares them with another may find them. */
const PERL = "/usr/bin/perl";
const NON_BLOCKING = "use Fcntl; fcntl($_, F_SETFL, O_NONBLOCK | fcntl($_, F_GETFL, 0)) " +
  "for STDIN, STDOUT; exec @ARGV or die";

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

for (const option of [[], ["--time"]]) {
  const name = ["connect", ...option].join(" ");
  Deno.test(
    `${name} loses nothing into or out of streams that are non-blocking`,
    { ignore: !isFile(PERL) },
    async () => {
      await using server = await startOne();
      const port = portOf(server.addr);
      const child = new Deno.Command(PERL, {
        args: [
          ...["-e", NON_BLOCKING, Deno.execPath(), "run", "-A", `${ROOT}main.ts`],
          ...["connect", ...option, port],
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}`);
      const writer = child.stdin.getWriter();
      const errors = new Response(child.stderr).text();
      // One line, and its reply: meanwhile the program finds its input empty.
      await writer.write(new TextEncoder().encode("first\n"));
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let text = (await within(reader.read(), "the first reply")).value ?? "";
      const fed = writer.write(new TextEncoder().encode(lines.join("\n"))).then(() =>
        writer.close()
      );
      // The pipe is full while nobody reads it.
      await until(() => server.server.counters.answered > 20_000, "20 000 replies");
      for (;;) {
        const { done, value } = await within(reader.read(), "more replies");
        if (done) break;
        text += value;
      }
      await fed;
      assertEquals({ code: (await child.status).code, errors: await errors }, {
        code: 0,
        errors: "",
      });
      const replies = text.trimEnd().split("\n").map((reply) => reply.replace(/^.* ms {2}/, ""));
      assertEquals(replies.length, lines.length + 1);
      assertEquals(replies.slice(1), lines.map((line) => `1 ${line}`));
    },
  );
}

Deno.test(
  "connect --time keeps no reply, however long",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const piece = new Uint8Array(1 << 20).fill(0x78);
    const pieces = 150;
    const { promise: measured, resolve: begin } = Promise.withResolvers<void>();
    await using peer = startPeer(async (conn) => {
      await conn.write(new TextEncoder().encode("first\n"));
      await measured;
      for (let i = 0; i < pieces; i++) {
        for (let rest = piece; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
      }
      await conn.read(new Uint8Array(1)); // the end of the client's input
      conn.close();
    });
    const child = spawnConnect("--time", peer.target);
    let received = 0;
    let before = 0;
    const reader = child.stdout.getReader();
    while (received < pieces * piece.length) {
      const { value } = await within(reader.read(), "more of the reply");
      before ||= forgetPeak(child.pid);
      begin();
      received += value?.length ?? NaN;
    }
    // It kept nearly three times what came.
    assertLess(usageOf(child.pid).peak - before, 100);
    await child.stdin.close();
    await reader.cancel();
    await child.stderr.cancel();
    await child.status;
  },
);
