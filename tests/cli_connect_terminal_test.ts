/** `hsha connect` at a terminal: its prompt, its replies, and the terminal that it leaves behind. */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { again } from "./helpers/again.ts";
import { Log } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";
import { AT_TERMINAL, PROGRAM, Terminal } from "./helpers/terminal.ts";

/** A server of one worker, so that every reply can be foretold; and its port. */
async function startOne() {
  const server = await startServer({ workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A server that does what the test does. */
function listen() {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

/** The server's end of the program's connection. */
async function accept(listener: Deno.Listener): Promise<LineClient> {
  return new LineClient(await within(listener.accept(), "the program's connection"));
}

Deno.test("connect has a prompt at a terminal", AT_TERMINAL, async () => {
  await using server = await startOne();
  await using terminal = new Terminal(`${PROGRAM} connect --time ${server.port}`);
  await terminal.waitFor(/> /);
  await terminal.type("first\r");
  await terminal.waitFor(/1 first\r\n/);
  await terminal.type("\x1b[A again\r");
  await terminal.waitFor(/1 first again\r\n/);
  await terminal.type("\x04");
  assertEquals(await terminal.ended(), 0);
  assertMatch(
    terminal.screen,
    /␛\[36m\d+\.\d{3} ms␛\[39m {2}␛\[32mworker 1␛\[39m {2}1 first/,
  );
});

Deno.test("connect goes on after Ctrl-Z and fg", AT_TERMINAL, async () => {
  await using server = await startOne();
  // The shell with job control comes back when the program stops, and then says `fg`.
  const connect = `${PROGRAM} connect ${server.port}`;
  await using terminal = new Terminal(`sh -mc '${connect}; echo stopped; fg'`);
  await terminal.waitFor(/> /);
  await terminal.type("first\r");
  await terminal.waitFor(/1 first\r\n/);
  await terminal.type("\x1a");
  await terminal.waitFor(/stopped\r\n[^]*> /);
  await terminal.type("again\r");
  await terminal.waitFor(/1 again\r\n/);
  await terminal.type("\x04");
  assertEquals(await terminal.ended(), 0);
});

// A terminal may be stopped: it has a fifth of a second for the last output, and a pause may take that.
Deno.test(
  "connect shows a last reply that has no line end",
  AT_TERMINAL,
  () =>
    again(async () => {
      using listener = listen();
      await using terminal = new Terminal(`${PROGRAM} connect ${listener.addr.port}`);
      using peer = await accept(listener);
      await peer.send("one\nlast words");
      await terminal.waitFor(/one\r\n[^]*> /);
      await terminal.type("\x04");
      await peer.rest();
      peer.close();
      assertEquals(await terminal.ended(), 0);
      assertMatch(terminal.screen, /last words\r\n/);
    }),
);

Deno.test(
  "connect shows a reply above a typed line that is wider than the screen",
  AT_TERMINAL,
  async () => {
    using listener = listen();
    const connect = `${PROGRAM} connect ${listener.addr.port}`;
    await using terminal = new Terminal(connect, { columns: 30 });
    using peer = await accept(listener);
    await terminal.waitFor(/> /);
    await terminal.type(`${"x".repeat(70)}!`);
    await terminal.waitFor(/!/);
    await peer.send("late\n");
    await terminal.waitFor(/late\r\n[^]*!/);
    // The prompt stays on its one row, with the part of the line before the cursor.
    assertMatch(terminal.screen, /late\r\n\r␛\[K␛\[\?7l> x{20,26}!/);
    await terminal.type("\x03");
    assertEquals(await terminal.ended(), 130);
  },
);

/** What ends it at once, and the exit code that tells of it. */
const ENDS: [name: string, end: Deno.Signal | "\x03", code: number][] = [
  ["Ctrl-C", "\x03", 130],
  ["SIGTERM", "SIGTERM", 143],
  ["SIGHUP", "SIGHUP", 129],
];

for (const [name, end, code] of ENDS) {
  Deno.test(`connect gives the terminal back as it was at ${name}`, AT_TERMINAL, async () => {
    await using server = await startOne();
    const connect = `sh -c 'echo pid $$; exec ${PROGRAM} connect ${server.port}'`;
    await using terminal = new Terminal(`${connect}; echo code $?; stty -a`);
    const [, pid] = await terminal.waitFor(/pid (\d+)\r\n[^]*> /);
    if (end === "\x03") await terminal.type(end);
    else Deno.kill(Number(pid), end);
    await terminal.ended();
    assertMatch(terminal.screen, new RegExp(`\\ncode ${code}\\r\\n`));
    assertMatch(terminal.screen, / icanon [^]* echo /);
  });
}

Deno.test("connect takes a paste as long as a line may be", AT_TERMINAL, async () => {
  // Four thousand characters took 15 s, eight thousand a minute.
  await using server = await startOne();
  await using terminal = new Terminal(`${PROGRAM} connect ${server.port}`);
  await terminal.waitFor(/> /);
  for (let i = 0; i < 65536; i += 1024) await terminal.type("x".repeat(1024));
  await terminal.type("\r");
  await terminal.waitFor(/1 x{65536}\r\n/);
  await terminal.type("\x04");
  assertEquals(await terminal.ended(), 0);
});

Deno.test("connect sends a typed U+2028 as a part of its line", AT_TERMINAL, async () => {
  using listener = listen();
  await using terminal = new Terminal(`${PROGRAM} connect ${listener.addr.port}`);
  using peer = await accept(listener);
  await terminal.waitFor(/> /);
  await terminal.type("a\u2028b\u0085c\r");
  assertEquals(await peer.reply(), "a\u2028b\u0085c");
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
});

/** A server of its own process: its socket is never empty. */
const FLOOD = `
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log("port", listener.addr.port);
  const conn = await listener.accept();
  await conn.write(new TextEncoder().encode("y\\n".repeat(30_000) + "mark\\n"));
  const lines = new TextEncoder().encode("y\\n".repeat(1_000_000));
  for (;;) await conn.write(lines);`;

Deno.test("connect ends at Ctrl-C while the server floods", AT_TERMINAL, async () => {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["eval", FLOOD],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const log = new Log(server.stdout);
  const [, port] = await log.waitFor(/port (\d+)\n/);
  await using terminal = new Terminal(`${PROGRAM} connect ${port}`);
  await terminal.waitFor(/mark\r\n/);
  const pressed = performance.now();
  await terminal.type("\x03");
  assertEquals(await terminal.ended(), 130);
  // It took 23 s; now it is a turn of the event loop.
  assertLess(performance.now() - pressed, 10_000);
  await server.status;
  await log.end;
});

Deno.test(
  "connect shows a reply that is longer than its memory in pieces",
  AT_TERMINAL,
  async () => {
    using listener = listen();
    await using terminal = new Terminal(`${PROGRAM} connect --time ${listener.addr.port}`);
    using peer = await accept(listener);
    await peer.send("y".repeat(500_000));
    // The line has no end, and two pieces of it are there.
    await terminal.waitFor(/yy\r\n\r[^y]*yy[^]*yy\r\n/);
    await terminal.type("\x03");
    assertEquals(await terminal.ended(), 130);
  },
);
