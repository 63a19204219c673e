/** Real Telnet clients: inetutils' with a person's Ctrl-C, curl's, and PuTTY's. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../scripts/tools/deadline.ts";
import { RealProgram, realTest, runProgram } from "./helpers/real_program.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

function startTelnet(): Promise<TestServer> {
  return startServer({ telnet: true, newline: "crlf" });
}

function portOf({ addr }: TestServer): string {
  return String((addr as Deno.NetAddr).port);
}

/** Runs a person at inetutils-telnet, as a script for `expect`; a step that takes 15 s fails. */
async function play(server: TestServer, script: string): Promise<void> {
  const session = `
set timeout 15
match_max 1000000
spawn inetutils-telnet 127.0.0.1 ${portOf(server)}
expect_after timeout { puts "timed out"; exit 1 } eof { puts "ended"; exit 1 }
expect "Escape character"
send "ready\\r"
expect -re {[12] ready}
${script}
`;
  const files = { "session.exp": session };
  const { code, stdout, stderr } = await runProgram("expect", { args: ["session.exp"], files });
  assertEquals(code, 0, stdout + stderr);
}

const TELNET = ["inetutils-telnet", "expect"];

realTest("serve goes on behind a Ctrl-C of inetutils-telnet", TELNET, async () => {
  // It sends IAC IP and IAC DO TIMING-MARK, and shows nothing until the mark is answered; with autosynch
  // IAC DM too, of which the system delivers the DM only.
  await using server = await startTelnet();
  await play(
    server,
    String.raw`
foreach {line} {one two three} {
  send "$line\r"
  expect -re "\[12\] $line\r"
  send "\003"
  after 200
  if {$line eq "two"} {
    send "\003"
    after 200
    send "\035"
    expect "telnet>"
    send "toggle autosynch\r"
    after 200
  }
}
send "last\r"
expect -re "\[12\] last\r"
close
`,
  );
  await until(() => server.server.counters.answered === 5, "five lines");
});

realTest("serve goes on behind a Ctrl-C of inetutils-telnet among replies", TELNET, async () => {
  await using server = await startTelnet();
  await play(
    server,
    String.raw`
for {set turn 0} {$turn < 30} {incr turn} { send "line $turn\r" }
send "\003"
after 300
send "last\r"
expect -re "\[12\] last\r"
close
`,
  );
});

realTest("serve takes inetutils-telnet's own commands for no line", TELNET, async () => {
  await using server = await startTelnet();
  const commands = ["ayt", "brk", "ip", "ao", "nop", "ec", "el", "susp", "abort", "eof"];
  await play(
    server,
    String.raw`
foreach {command} {${commands.join(" ")}} {
  send "\035"
  expect "telnet>"
  send "send $command\r"
  expect "send $command\r"
  after 100
  send "$command\r"
  expect -re "\[12\] $command\r"
}
close
`,
  );
  await until(() => server.server.counters.answered === 1 + commands.length, "its lines");
});

realTest("serve answers curl telnet://, whose options it refuses", ["curl"], async () => {
  await using server = await startTelnet();
  const address = `telnet://127.0.0.1:${portOf(server)}`;
  await using curl = await RealProgram.start("curl", {
    args: ["-sS", "-N", "-t", "TTYPE=vt100", "-t", "NEW_ENV=A,b", address],
    input: "hello\r\nworld\r\n",
  });
  await curl.says(/^[12] hello\r\n[12] world\r\n$/);
});

realTest("serve answers PuTTY's plink, which names eight options first", ["plink"], async () => {
  await using server = await startTelnet();
  await using plink = await RealProgram.start("plink", {
    args: ["-telnet", "-batch", "-P", portOf(server), "127.0.0.1"],
    input: "hello\nworld\n",
  });
  await plink.says(/^[12] hello\r?\n[12] world\r?\n$/);
});

realTest("RealProgram says what a program wrote that does not start", ["curl"], async () => {
  let message = "";
  try {
    await RealProgram.start("curl", { args: ["--no-such-flag"] }, 1);
  } catch (error) {
    message = (error as Error).message;
  }
  assertStringIncludes(message, "curl ended; it wrote:");
  assertStringIncludes(message, "no-such-flag");
});
