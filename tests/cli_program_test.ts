/** The program as a process: exit codes, its one line of complaint, help, variables and signals. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { atOnce } from "./helpers/at_once.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { type Outcome, ROOT, runProgram, ServerProcess } from "./helpers/program.ts";

/** A handler that keeps its worker for ever on the line `stuck`. */
const STUCK = 'export default (line) => { while (line === "stuck"); return line; };\n';

/** A handler whose module never ends to load. */
const LOADS = 'console.error("loading"); await new Promise(() => setInterval(() => {}, 1000));\n';

/** Asserts that a program told its failure in one line of standard error, and nothing else. */
function assertFailed({ code, stdout, stderr }: Outcome, expectedCode: number, message: string) {
  assertEquals(stdout, "");
  assertMatch(stderr, /^hsha: [^\n]+\n$/);
  assertStringIncludes(stderr, message);
  assertEquals(code, expectedCode);
}

const MISTAKES: [args: string[], message: string][] = [
  [["--workers", "0"], '--workers is "0"; it must be an integer from 1 to 1024'],
  [["serve", "--port", "abc"], '--port is "abc"; it must be an integer from 0 to 65535'],
  [["--handler", "file://%"], '--handler is "file://%"; it must be a name, a file\'s path or a'],
  [["--handler", "file://["], '--handler is "file://["; it must be'],
  [["--allow-net=:::bad"], '--allow-net is ":::bad"; it must be true, false or a list of hosts'],
  [["--allow-sys=foo"], '--allow-sys is "foo"; it must be true, false or a list of kinds'],
  [["--port", ""], "--port has no value"],
  [["--unknown"], 'There is no option "--unknown"'],
  [["serve", "stray"], 'The argument "stray" has no meaning here'],
  [["--port", "1", "--port", "2"], '--port is given twice, "1" and "2"'],
  [["--tls-cert", "cert.pem"], '--tls-cert is "cert.pem"; it needs --tls-key as well'],
  [["--tls-key", "key.pem"], '--tls-key is "key.pem"; it needs --tls-cert as well'],
  [["--socket-mode", "888", "--unix", "x"], '--socket-mode is "888"; it must be an octal number'],
  [["--socket-mode", "1777", "--unix", "x"], "it must be an octal number from 0 to 777"],
  [["--socket-mode", "660"], '--socket-mode is "660"; it needs --unix as well'],
  [["--host", "a\nb", "--unix", "c"], String.raw`--host "a\nb" and --unix "c" exclude each other`],
  [
    ["start"],
    'There is no command "start"; the commands are serve, work, connect, bench and completions',
  ],
  [["connect", "70000"], 'The port is "70000"; it must be an integer from 1 to 65535'],
  [["connect", "::1:7007"], 'The argument is "::1:7007"; it must be [HOST:]PORT'],
  [["connect", "1", "2"], 'The argument "2" has no meaning here'],
  [["bench", "--size", "1", "7007"], '--size is "1"; it must be an integer from 16'],
  [
    ["bench", "--size", "16777216"],
    "--connections 64, --window 1 and --size 16777216 take 1073741888 bytes; lower one of them: " +
    "1073741824 bytes are allowed",
  ],
];

Deno.test("hsha exits with 2 when its command line is wrong, and says what is wanted", (test) =>
  atOnce(
    test,
    MISTAKES.map(([args, message]) => ({
      name: args.map((arg) => JSON.stringify(arg)).join(" "),
      fn: async () => assertFailed(await runProgram(args), 2, message),
    })),
  ));

Deno.test("hsha checks its variables, and names the one that is wrong", async () => {
  const outcome = await runProgram([], { env: { HSHA_MAX_LINE: "many" } });
  assertFailed(outcome, 2, 'HSHA_MAX_LINE is "many"; it must be an integer from 1 to');
});

Deno.test("hsha tells a variable that no option has, and goes on", async () => {
  const env = { HSHA_PROT: "1", HSHA_WORKER: "2", HSHA_SIZE: "16", HSHA_SERVICE_HOST: "10.0.0.1" };
  const { code, stderr } = await runProgram(["--check"], { env });
  const told = "hsha: HSHA_PROT and HSHA_WORKER: no option has such a variable\n";
  assertEquals({ code, stderr }, { code: 0, stderr: told });
});

Deno.test("hsha exits with 1 when it cannot start, and says why in one line", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(taken.addr.port);
  assertFailed(await runProgram(["--port", port]), 1, port);
  const noFile = await runProgram(["--handler", "./no/such/handler.ts"]);
  assertFailed(noFile, 1, "no/such/handler.ts");
  assertFailed(await runProgram(["--handler", "no-such-name"]), 1, "no-such-name");
  const noKey = await runProgram(["--tls-cert", "no/such.pem", "--tls-key", "no/such.key"]);
  assertFailed(noKey, 1, 'cannot read --tls-cert "no/such.pem": No such file or directory');
});

Deno.test("hsha help shows what --help does, of each command", async () => {
  for (const [words, command] of [[["help"], []], [["help", "connect"], ["connect"]]]) {
    assertEquals(await runProgram(words), await runProgram([...command, "--help"]));
  }
  assertFailed(
    await runProgram(["help", "me"]),
    2,
    'There is no command "me"; the commands are serve,',
  );
});

for (const command of ["serve", "connect", "bench"]) {
  Deno.test(`hsha ${command} --help fits 80 columns and has three examples`, async () => {
    const { code, stdout, stderr } = await runProgram([command, "--help"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
    const [, examples] = stdout.split("\nExamples:\n");
    assertEquals(examples.match(/^ {2}(?=\S).*hsha/gm)?.length, 3);
  });
}

Deno.test("hsha --help describes the server, and wins over mistakes", async () => {
  const { code, stdout } = await runProgram(["--workers", "0", "-h"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "  -p, --port PORT ");
  assertStringIncludes(stdout, "[default: 7007]");
});

Deno.test("hsha --version prints the version of deno.json", async () => {
  const { code, stdout, stderr } = await runProgram(["--version"]);
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: `hsha ${config.version}\n`,
    stderr: "",
  });
});

Deno.test("hsha --help ends quietly when nobody reads it", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, "--help"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const stderr = await new Response(child.stderr).text();
  assertEquals({ code: (await child.status).code, stderr }, { code: 0, stderr: "" });
});

Deno.test("hsha takes its options from flags and from variables", async () => {
  const env = { HSHA_WORKERS: "1", HSHA_NEWLINE: "lf" };
  await using server = await ServerProcess.start(["--newline", "crlf", "--log=json"], { env });
  using client = await LineClient.connect(server.addr);
  assertEquals(await client.ask("hello"), "1 hello\r");
  const [line] = server.stderr.split("\n");
  assertEquals(JSON.parse(line).type, "listening");
  assertEquals(JSON.parse(line).workers, 1);
});

for (const name of ["shout.js", "shout.ts"]) {
  Deno.test(`hsha finds a handler ${name} from the folder it runs in`, async () => {
    await using files = await HandlerFiles.write({
      [name]: "export default (line) => line.toUpperCase();\n",
    });
    await using server = await ServerProcess.start(["--handler", name], { cwd: files.path });
    using client = await LineClient.connect(server.addr);
    assertEquals(await client.ask("hello"), "HELLO");
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`hsha answers what it accepted and exits with 0 at ${signal}`, async () => {
    await using server = await ServerProcess.start();
    using client = await LineClient.connect(server.addr);
    assertMatch(await client.ask("hello"), /^[12]? ?\d* hello$/);
    const { code, signal: by } = await server.stop(signal);
    assertEquals({ code, by }, { code: 0, by: null });
    assertEquals(await client.restText(), "");
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`hsha exits at once with 0 at ${signal} while it starts, and leaves no socket`, async () => {
    await using files = await HandlerFiles.write({ "loads.js": LOADS });
    const socket = files.file("socket");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${ROOT}main.ts`, "--unix", socket, "--handler", files.file("loads.js")],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let told = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (told === "") child.kill(signal);
      told += text;
    }
    const { code, signal: by } = await child.status;
    assertEquals({ code, by }, { code: 0, by: null });
    await assertRejects(() => Deno.lstat(socket), Deno.errors.NotFound);
    const log = told.replaceAll("loading\n", ""); // which another worker may say at any time
    assertMatch(log, /^\S+ info stopping[^\n]*\n\S+ info stopped[^\n]*\n$/);
  });
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`hsha exits at once with ${code} at a second ${signal}`, async () => {
    await using files = await HandlerFiles.write({ "stuck.js": STUCK });
    const timeouts = ["--drain-timeout", "600", "--job-timeout", "0"];
    await using server = await ServerProcess.start([
      ...["--handler", files.file("stuck.js")],
      ...timeouts,
    ]);
    using client = await LineClient.connect(server.addr);
    await client.send("stuck\n");
    // Until that line has been accepted a stop has nothing to wait for.
    using other = await LineClient.connect(server.addr);
    while (!/ unanswered=1/.test(server.stderr)) {
      server.kill("SIGUSR2");
      await other.ask("tick");
    }
    server.kill(signal);
    await server.waitForLog(/stopping/);
    server.kill(signal);
    const status = await server.ended();
    assertEquals({ code: status.code, signal: status.signal }, { code, signal: null });
  });
}

Deno.test("hsha logs its counters at SIGUSR2", async () => {
  await using server = await ServerProcess.start();
  using client = await LineClient.connect(server.addr);
  assertMatch(await client.ask("hello"), / hello$/);
  server.kill("SIGUSR2");
  await server.waitForLog(/counters: .*accepted=1 answered=1 /);
  await server.stop();
});

Deno.test("hsha goes on when nobody reads its log", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, "--port", "0", "--log-level", "debug"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const reader = child.stderr.getReader();
    const text = new TextDecoder().decode((await reader.read()).value);
    const port = Number(/:(\d+) with/.exec(text)?.[1]);
    await reader.cancel();
    for (const word of ["one", "two"]) {
      using client = await LineClient.connect({ transport: "tcp", hostname: "127.0.0.1", port });
      assertMatch(await client.ask(word), new RegExp(`^\\d+ ${word}$`));
      child.kill("SIGUSR2");
    }
  } finally {
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
  }
});
