/** The handler `exec`: a program behind the port, and everything that it can do wrong. */

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Lookout } from "../lib/handlers/exec/lookout.ts";
import { ProgramWorker } from "../lib/handlers/exec/program_worker.ts";
import type { Counters, ServeOptions } from "../lib/mod.ts";
import { atOnce } from "./helpers/at_once.ts";
import { bytesOf, byteString, exchange, exchangeText } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { ROOT } from "./helpers/program.ts";
import { startServer, type TestServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** A program that does what its line says, and else answers it. */
const TROUBLE = `
  while IFS= read -r line; do
    case $line in
      spin) while :; do :; done;;
      hang) sleep 1000;;
      exit*) exit \${line#exit };;
      none) continue;;
      twice) printf 'one\\ntwo\\n';;
      again*) echo one; until [ -e "\${line#again }" ]; do sleep 0.01; done; echo two; echo written >&2;;
      late*) echo one; sleep \${line#late }; echo two;;
      close) exec >&-; sleep 1000;;
      flood) exec yes 0123456789012345678901234567890123456789;;
      endless) while :; do printf 0123456789012345678901234567890123456789; done;;
      deaf) trap '' TERM INT HUP; sleep 1000;;
      fork) sleep 1000 & wait;;
      stop) kill -STOP $$; echo on;;
      pid) echo $$;;
      say*) echo "\${line#say }" >&2; echo said;;
      *) printf '%s\\n' "$line";;
    esac
  done`;

/** A server with a program. */
function serveProgram(
  words: string[],
  options: ServeOptions = {},
): Promise<TestServer> {
  const permissions = { run: [words[0]] };
  return startServer({ handler: "exec", handlerArgs: words, permissions, workers: 1, ...options });
}

/** A server with the program above. To be started again it has a share of the job timeout: of one second a third. */
function serveTrouble(options: ServeOptions = {}): Promise<TestServer> {
  return serveProgram(["sh", "-c", TROUBLE], { jobTimeout: 10, ...options });
}

/** Ends a server, and sees to it that each line has been accounted for. */
async function balance(server: TestServer, expected: Partial<Counters>): Promise<void> {
  await server[Symbol.asyncDispose]();
  const { counters } = await server.event("stopped");
  const { accepted, answered, failed, gone } = counters;
  assertEquals(accepted, answered + failed + gone);
  assertEquals({ ...counters, ...expected }, counters);
}

/** Whether a process is there, and is more than a record of its end. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("exec answers each line by the program's line", async () => {
  await using server = await serveProgram(["cat"], { workers: 2 });
  assertEquals(
    await exchangeText(server.addr, "one\n\ntwo words\nthree"),
    "one\n\ntwo words\nthree\n",
  );
});

Deno.test("exec keeps every byte", async () => {
  await using server = await serveProgram(["cat"]);
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    .filter((unit) => unit !== "\n" && unit !== "\r").join("");
  const lines = `${all}\n\0\n\xff\xfe\n\xef\xbb\xbfmark\n\xed\xa0\x80\n`;
  assertEquals(byteString(await exchange(server.addr, bytesOf(lines))), lines);
});

Deno.test("exec takes lines that are longer than a pipe, of a program that answers before it has read", async () => {
  const maxLine = 4 * 2 ** 20;
  await using server = await serveProgram(["cat"], { maxLine });
  const line = "0123456789abcdef".repeat(maxLine / 16);
  assertEquals(await exchangeText(server.addr, `${line}\nshort\n`), `${line}\nshort\n`);
});

const FAULTS: [line: string, says: RegExp, replaced: RegExp][] = [
  // The first one alone: its end must be seen within a tenth of a second.
  ["exit 3", /^ERR the program ended before it answered$/, /^sh ended with exit code 3$/],
  [
    "hang",
    /^ERR the program did not answer within its share of the job timeout, 2 seconds, not even its first line; perhaps it holds its output back; if so, this helps: stdbuf -oL sh$/,
    /^sh did not answer in time$/,
  ],
  ["spin", /^ERR the program did not answer/, /^sh did not answer in time$/],
  ["none", /^ERR the program did not answer/, /^sh did not answer in time$/],
  ["deaf", /^ERR the program did not answer/, /^sh did not answer in time$/],
  ["fork", /^ERR the program did not answer/, /^sh did not answer in time$/],
  ["stop", /^ERR the program did not answer/, /^sh did not answer in time$/],
  [
    "twice",
    /^ERR the program answered the line with more than one line$/,
    /^sh answered the line with more/,
  ],
  [
    "flood",
    /^ERR the program answered the line with more than one line$/,
    /^sh answered the line with more/,
  ],
  [
    "endless",
    /^ERR the program's answer is longer than the limit of 1000000 bytes$/,
    /longer than the limit/,
  ],
  ["close", /^ERR the program ended before it answered$/, /^sh closed its input or its output$/],
];

Deno.test(
  "exec fails the one line, and starts the program again, whatever that does",
  LONG,
  (test) =>
    atOnce(
      test,
      FAULTS.map(([line, says, replaced]) => ({
        name: line,
        fn: async () => {
          const jobTimeout = says.source.includes("did not answer") ? 2 : 10;
          const server = await serveTrouble({ maxReply: 1_000_000, jobTimeout });
          const replies = await exchangeText(server.addr, `${line}\na\nb\n`);
          const [reply, ...others] = replies.split("\n");
          assertMatch(reply, says);
          assertEquals(others, ["a", "b", ""]);
          const { reason } = await server.event("program_replaced");
          assertMatch(reason, replaced);
          await balance(server, { accepted: 3, answered: 2, failed: 1, replaced: 0, abandoned: 0 });
        },
      })),
    ),
);

Deno.test("exec notices a second answer before it gives the next line to the program", async () => {
  await using folder = await Folder.make();
  const server = await serveTrouble();
  using client = await server.connect();
  assertEquals(await client.ask(`again ${folder.path}/now`), "one");
  await Deno.writeTextFile(`${folder.path}/now`, "");
  await server.event("program_said");
  assertEquals(await client.ask("a"), "ERR the program wrote more than it was asked for");
  assertEquals(await client.ask("b"), "b");
  const { reason } = await server.event("program_replaced");
  assertEquals(reason, "sh wrote more than it was asked for");
  await balance(server, { accepted: 3, answered: 2, failed: 1 });
});

Deno.test(
  "exec notices a second answer in the middle of a load, after some lines",
  LONG,
  async () => {
    const server = await serveTrouble();
    const lines = Array.from({ length: 4000 }, (_, index) => `line ${index}`);
    const sent = `late 0.001\n${lines.join("\n")}\n`;
    const replies = (await exchangeText(server.addr, sent)).trimEnd().split("\n");
    assertEquals(replies.length, lines.length + 1);
    assertEquals(replies.filter((reply) => reply.startsWith("ERR ")).length, 1);
    // When that is depends on the machine: on a busy one both answers may even come at once.
    const at = replies.findIndex((reply) => reply.startsWith("ERR "));
    assertLess(at, 2048, "replies were wrong");
    assertEquals(replies.slice(0, at), ["one", "two", ...lines].slice(0, at));
    assertEquals(replies.slice(at + 1), lines.slice(at));
    await balance(server, { accepted: 4001, answered: 4000, failed: 1 });
  },
);

Deno.test("exec notices a second answer that fills the pipe while nothing is asked", async () => {
  await using folder = await Folder.make();
  const gate = `${folder.path}/now`;
  await using server = await serveProgram([
    "sh",
    "-c",
    `read x; echo one; until [ -e ${gate} ]; do sleep 0.01; done; yes & sleep 0.3; echo written >&2; ${TROUBLE}`,
  ]);
  using client = await server.connect();
  assertEquals(await client.ask("a"), "one");
  await Deno.writeTextFile(gate, "");
  await server.event("program_said");
  assertEquals(await client.ask("b"), "ERR the program wrote more than it was asked for");
});

Deno.test("Lookout has each 16th line looked before, and the 128th wait as long as an answer takes", () => {
  const lookout = new Lookout();
  let now = 1000;
  const due = Array.from({ length: 300 }, () => {
    const pause = lookout.due(now);
    lookout.asked(now);
    lookout.answered(now += 4);
    return pause;
  });
  const looks = due.flatMap((pause, line) => pause < 0 ? [] : [line]);
  assertEquals(
    looks,
    [0, 15, 31, 47, 63, 79, 95, 111, 127, 128, 143, 159, 175, 191, 207, 223]
      .concat([239, 255, 256, 271, 287]),
  );
  assertEquals(due.filter((pause) => pause > 0), [6, 6]);
  assertEquals([lookout.due(now + 0.2), lookout.due(now + 0.3)], [-1, 0]);
});

Deno.test("exec leaves no process behind: not at a timeout, a reload or a stop", LONG, async () => {
  const server = await serveProgram(["sh", "-c", `sleep 1000 & echo $! >&2; ${TROUBLE}`], {
    jobTimeout: 3,
  });
  const pids = () => server.eventsOf("program_said").map(({ text }) => Number(text));
  await until(() => pids().length === 1, "the first program");
  assertMatch(await exchangeText(server.addr, "hang\n"), /^ERR /);
  await until(() => pids().length === 2 && !lives(pids()[0]), "the end of the first one");
  const before = Number(await exchangeText(server.addr, "pid\n"));
  await server.server.reload();
  assert(before !== Number(await exchangeText(server.addr, "pid\n")));
  await until(() => !lives(before) && !lives(pids()[1]), "the end of the second one");
  await balance(server, { failed: 1, answered: 2 });
  await until(() => !pids().some(lives), "the end of all of them");
});

Deno.test("exec ends a program's input at a stop, and waits for what it has left to do", async () => {
  await using folder = await Folder.make();
  const server = await serveProgram([
    "sh",
    "-c",
    `cat; sleep 0.2; echo done >'${folder.path}/end'`,
  ]);
  assertEquals(await exchangeText(server.addr, "a\n"), "a\n");
  await balance(server, { answered: 1 });
  assertEquals(await Deno.readTextFile(`${folder.path}/end`), "done\n");
});

Deno.test("exec puts another program in the place of one that ends while nothing is asked of it", async () => {
  const server = await serveTrouble();
  const pid = Number(await exchangeText(server.addr, "pid\n"));
  Deno.kill(pid, "SIGKILL");
  assertMatch((await server.event("program_replaced")).reason, /^sh ended by SIGKILL$/);
  assertEquals(await exchangeText(server.addr, "a\n"), "a\n");
  await balance(server, { answered: 2, failed: 0 });
});

Deno.test(
  "exec tells what the program says on its standard error, but not all of a flood",
  LONG,
  async () => {
    await using server = await serveTrouble();
    assertEquals(await exchangeText(server.addr, "say hello\n"), "said\n");
    const { worker, program, text } = await server.event("program_said");
    assertEquals([worker, program, text], [1, "sh", "hello"]);
    const many = ["sh", "-c", "read x; seq 100000 >&2; echo answer; cat"];
    await using loud = await serveProgram(many);
    assertEquals(await exchangeText(loud.addr, "a\n"), "answer\n");
    const said = () => loud.eventsOf("program_said");
    await until(() => said().at(-1)?.text === "100000", "the last line");
    assert(said().length < 1000);
    assertEquals(said().reduce((sum, { unsaid }) => sum + unsaid + 1, 0), 100_000);
  },
);

/** A variable of this process, until it is disposed of. */
function variable(name: string, value: string): Disposable {
  Deno.env.set(name, value);
  return { [Symbol.dispose]: () => Deno.env.delete(name) };
}

Deno.test("ProgramWorker is unfit if its program ends before the worker has loaded its side", async () => {
  const worker = new ProgramWorker(new URL("data:text/javascript,"), {
    making: { type: "module" },
    workerId: 1,
    command: { name: "sh", file: "/bin/sh", args: ["-c", "sleep 0.4; exit 3"], env: {} },
    jobTimeout: 1,
    maxReply: 1,
    onEvent() {},
  });
  const message = await new Promise<MessageEvent>((resolve) => worker.onmessage = resolve);
  worker.terminate();
  assertEquals(message.data, { hsha: "unfit", reason: "sh ended with exit code 3" });
});

Deno.test("exec gives the program no variable but those that are granted", async () => {
  using _secret = variable("SECRET_OF_A_TEST", "hunter2");
  const words = ["sh", "-c", 'while read x; do echo "$SECRET_OF_A_TEST $HOME"; done'];
  {
    await using server = await serveProgram(words);
    assertEquals(await exchangeText(server.addr, "a\n"), " \n");
  }
  const permissions = { run: ["sh"], env: ["SECRET_OF_A_TEST"] };
  await using server = await serveProgram(words, { permissions });
  assertEquals(await exchangeText(server.addr, "a\n"), "hunter2 \n");
});

const STARTS: [words: string[], permissions: ServeOptions["permissions"], says: string][] = [
  [[], { run: true }, "the handler exec needs a program after --"],
  [["cat"], {}, "the handler exec runs cat and needs --allow-run=cat"],
  [["cat"], { run: ["sh"] }, "needs --allow-run=cat"],
  [["/no/such"], { run: true }, "cannot run /no/such: there is no such program"],
  [[`${ROOT}lib`], { run: true }, "lib: it is a folder"],
  [[`${ROOT}README.md`], { run: true }, "README.md: it is not executable; chmod +x "],
  [
    ["sh", "-c", "echo first >&2; echo no model >&2; exit 3"],
    { run: true },
    "cannot load the handler exec: sh ended with exit code 3; its last words: no model",
  ],
  [["true"], { run: true }, "cannot load the handler exec: true ended with exit code 0"],
  [
    ["sh", "-c", "echo Welcome; cat"],
    { run: true },
    'sh wrote "Welcome" before it was given a line',
  ],
];

Deno.test("exec ends the start when it has no program that it can run", (test) =>
  atOnce(
    test,
    STARTS.map(([words, permissions, says]) => ({
      name: `${JSON.stringify(words)} and ${JSON.stringify(permissions)}`,
      fn: async () => {
        const error = await assertRejects(() => serveProgram(words, { permissions }), Error);
        assertStringIncludes(error.message, says);
        assert(!error.message.includes("\n"));
      },
    })),
  ));

Deno.test("exec names the cure of a program that holds its output back", async () => {
  const { lateAnswer } = await import("../lib/handlers/exec/hint.ts");
  const cureOf = (...words: string[]) =>
    lateAnswer(words, { jobTimeout: 30, isFirst: true }).split(", not even its first line")[1];
  assertStringIncludes(cureOf("/usr/bin/python3.12", "model.py"), "python3 -u");
  assertStringIncludes(cureOf("nice", "-n", "5", "jq", "."), "jq --unbuffered");
  assertStringIncludes(cureOf("./filter"), "stdbuf -oL filter");
  const late = lateAnswer(["sort"], { jobTimeout: 30, isFirst: true });
  assertStringIncludes(late, "sort answers only at the end of its input");
  assert(!lateAnswer(["jq"], { jobTimeout: 30, isFirst: false }).includes("unbuffered"));
});

/** A folder that goes with its test. */
class Folder implements AsyncDisposable {
  constructor(readonly path: string) {}
  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "hsha-exec-" }));
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
