/** `hsha connect` at a terminal: a prompt, history, and replies in colour. */

import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** A command that gives a program a terminal. */
const SCRIPT = "/usr/bin/script";

Deno.test("connect has a prompt at a terminal", {
  // `script` of util-linux makes the terminal.
  ignore: Deno.build.os !== "linux" || !exists(SCRIPT),
}, async () => {
  await using server = await startServer({ workers: 1 });
  const { port } = server.addr as Deno.NetAddr;
  const program = `${Deno.execPath()} run -A ${ROOT}main.ts connect --time ${port}`;
  const child = new Deno.Command(SCRIPT, {
    args: ["-qec", program, "/dev/null"],
    env: { TERM: "xterm", NO_COLOR: "" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  let screen = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = screen;
    screen += text;
    const saw = (mark: string) => !before.includes(mark) && screen.includes(mark);
    if (saw("> ")) await writer.write(encoder.encode("first\r"));
    if (saw("1 first\r\n")) await writer.write(encoder.encode("\x1b[A again\r"));
    if (saw("1 first again\r\n")) await writer.write(encoder.encode("\x04"));
  }
  await writer.close().catch(() => {});
  assertEquals((await child.status).code, 0);
  const seen = screen.replaceAll("\x1b", "␛");
  assertMatch(seen, /␛\[36m\d+\.\d{3} ms␛\[39m {2}␛\[32mworker 1␛\[39m {2}1 first/);
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
