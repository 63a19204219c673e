/** From the command line's words to values: what is taken, and what is refused in which words. */

import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags } from "../lib/cli/flags.ts";
import { renderHelp } from "../lib/cli/help.ts";
import { SERVE_TABLE } from "../lib/cli/serve_table.ts";
import { UsageError } from "../lib/cli/usage_errors.ts";
import { strayVariables } from "../lib/cli/variables.ts";
import type { OptionTable } from "../lib/option_kinds.ts";

const TABLE = {
  ...SERVE_TABLE,
  json: { kind: "flag", help: "as JSON" },
} as const satisfies OptionTable;

/** Parses a command line of words without spaces in them. */
function parse(line: string, env: Record<string, string> = {}) {
  return parseFlags(line.split(" ").filter((word) => word !== ""), {
    table: TABLE,
    excludes: [["unix", "port"]],
    env: (name) => env[name],
  });
}

function parseOperand(line: string, env: Record<string, string> = {}) {
  return parseFlags(line.split(" "), {
    table: TABLE,
    excludes: [["unix", "port"]],
    operand: {
      form: "HOST:PORT",
      read(text) {
        const [host, port] = text.split(":");
        return port === undefined ? undefined : { host, port };
      },
    },
    env: (name) => env[name],
  }).given;
}

const TAKEN: [line: string, given: Record<string, unknown>][] = [
  ["", {}],
  ["--port 8080", { port: 8080 }],
  ["--port=8080", { port: 8080 }],
  ["-p 8080 -w2", { port: 8080, workers: 2 }],
  ["-p=8080", { port: 8080 }],
  ["--port 0", { port: 0 }],
  ["--port 007", { port: 7 }],
  ["--port 5 --port 5", { port: 5 }],
  ["--idle-timeout 0.5 --drain-timeout 0", { idleTimeout: 0.5, drainTimeout: 0 }],
  ["--idle-timeout .5", { idleTimeout: 0.5 }],
  ["--order completion", { order: "completion" }],
  ["--handler 1e3", { handler: "1e3" }],
  ["--handler=-x", { handler: "-x" }],
  ["--host true", { host: "true" }],
  ["--json --json", { json: true }],
  ["--refuse-http", { refuseHttp: true }],
  ["--no-refuse-http --port 1", { refuseHttp: false, port: 1 }],
  ["--allow-read --port 1", { allowRead: true, port: 1 }],
  ["--allow-read=a,b --allow-net=80", { allowRead: ["a", "b"], allowNet: ["80"] }],
  ["--allow-net=[::1]:80 --allow-sys=cpus", { allowNet: ["[::1]:80"], allowSys: ["cpus"] }],
  ["--", {}],
];

for (const [line, given] of TAKEN) {
  Deno.test(`parseFlags takes "${line}"`, () => assertEquals(parse(line), { given }));
}

const REFUSED: [line: string, message: string][] = [
  ["--workers 0", '--workers is "0"; it must be an integer from 1 to 1024'],
  ["--workers 1.5", '--workers is "1.5"; it must be an integer from 1 to 1024'],
  ["--port abc", '--port is "abc"; it must be an integer from 0 to 65535'],
  ["--port 70000", '--port is "70000"; it must be an integer from 0 to 65535'],
  ["--port 1e3", '--port is "1e3"; it must be an integer'],
  ["--port 0x10", '--port is "0x10"; it must be an integer'],
  ["--port +5", '--port is "+5"; it must be an integer'],
  ["--port 99999999999999999999", '--port is "99999999999999999999"; it must be an integer'],
  ["--max-line 0", '--max-line is "0"; it must be an integer from 1 to'],
  ["--idle-timeout 1e2", '--idle-timeout is "1e2"; it must be a number of seconds'],
  ["--idle-timeout 5s", '--idle-timeout is "5s"; it must be a number of seconds'],
  ["--idle-timeout 2147484", '--idle-timeout is "2147484"; it must be a number of seconds'],
  ["--order fast", '--order is "fast"; it must be "request", "completion", "serial" or "pinned"'],
  ["--port", "--port has no value; it must be an integer from 0 to 65535"],
  ["--port 5 --port", "--port has no value; it must be an integer from 0 to 65535"],
  ["--port=", "--port has no value; it must be an integer from 0 to 65535"],
  ["--handler --json", "--handler has no value; it must be a text that is not empty"],
  ["-w -p 5", "--workers has no value; it must be"],
  ["--port -5", '--port has no value; a value that begins with "-" is written "--port=-5"'],
  ["-p -5", '--port has no value; a value that begins with "-" is written "--port=-5"'],
  ["--port=-5", '--port is "-5"; it must be an integer'],
  ["--port 5 --port 6", '--port is given twice, "5" and "6"'],
  ["--port 5 -p 6", '--port is given twice, "5" and "6"'],
  ["--allow-read --allow-read=a", '--allow-read is given twice, without a list and "a"'],
  ["--allow-read=", "--allow-read has no value; it must be true, false or a list"],
  ["--allow-read=a,", '--allow-read is "a,"; it must be true, false or a list'],
  [
    "--allow-net=:::bad",
    '--allow-net is ":::bad"; it must be true, false or a list of hosts: names',
  ],
  [
    "--allow-net=a,b:99999",
    '--allow-net is "a,b:99999"; it must be true, false or a list of hosts',
  ],
  ["--allow-sys=foo", '--allow-sys is "foo"; it must be true, false or a list of kinds of system'],
  ["--allow-read ./x", '--allow-read takes its list after "=": "--allow-read=./x"'],
  ["--json=yes", '--json takes no value, but is followed by "yes"'],
  ["--json true", '--json takes no value, but is followed by "true"'],
  ["--foo", 'There is no option "--foo"; "--help" lists all options'],
  ["--foo=bar", 'There is no option "--foo"; "--help" lists'],
  ["--worker 5", 'There is no option "--worker"; did you mean "--workers"?'],
  ["--port.x 5", 'There is no option "--port.x"; did you mean "--port"?'],
  ["--Port 5", 'There is no option "--Port"; "--help" lists'],
  ["--no-refuse-http=1", 'There is no option "--no-refuse-http"; "--help" lists'],
  ["--refuse-http=false", '--refuse-http takes no value, but is followed by "false"'],
  [
    "--refuse-http --no-refuse-http",
    "--refuse-http and --no-refuse-http exclude each other",
  ],
  ["--no-json", 'There is no option "--no-json"; "--help" lists'],
  ["--no-port", 'There is no option "--no-port"; "--help" lists'],
  ["--no-port=5", 'There is no option "--no-port"; "--help" lists'],
  ["--__proto__ 5", 'There is no option "--__proto__"; "--help" lists'],
  ["-x", 'There is no option "-x"; "--help" lists'],
  ["-pabc", 'There is no option "-pabc"; "--help" lists'],
  ["stray", 'The argument "stray" has no meaning here; only options are allowed'],
  ["-", 'The argument "-" has no meaning here; only options are allowed'],
  ["-- --port", 'The argument "--port" has no meaning here; only options are allowed'],
  ["--unix x --port 5", '--port "5" and --unix "x" exclude each other'],
];

for (const [line, message] of REFUSED) {
  Deno.test(`parseFlags refuses "${line}"`, () => {
    assertThrows(() => parse(line), UsageError, message);
  });
}

Deno.test("parseFlags takes an empty word for a missing value", () => {
  const refused = (args: string[], message: string) =>
    assertThrows(() => parseFlags(args, { table: TABLE }), UsageError, message);
  refused(["--port", ""], "--port has no value; it must be an integer from 0 to 65535");
  refused(["-p", "", "-w", "2"], "--port has no value; it must be");
  refused(["--unix", ""], "--unix has no value; it must be a text that is not empty");
  refused(["--json", ""], 'The argument "" has no meaning here');
  refused([""], 'The argument "" has no meaning here');
});

Deno.test("parseFlags lets --help and --version win over mistakes", () => {
  assertEquals(parse("--workers 0 --help"), { given: {}, wants: "help" });
  assertEquals(parse("--nonsense -hV stray"), { given: {}, wants: "help" });
  assertEquals(parse("--workers 0 -V"), { given: {}, wants: "version" });
});

Deno.test("parseFlags reads absent options from the environment", () => {
  const env = {
    HSHA_PORT: "8080",
    HSHA_MAX_LINE: "99",
    HSHA_JSON: "true",
    HSHA_ALLOW_READ: "a,b",
    HSHA_ALLOW_NET: "true",
  };
  assertEquals(parse("--port 1", env).given, {
    port: 1,
    maxLine: 99,
    json: true,
    allowRead: ["a", "b"],
    allowNet: true,
  });
});

Deno.test("parseFlags checks the environment as it does options, and names the variable", () => {
  const refused = (env: Record<string, string>, message: string) =>
    assertThrows(() => parse("", env), UsageError, message);
  refused({ HSHA_WORKERS: "0" }, 'HSHA_WORKERS is "0"; it must be an integer from 1 to 1024');
  refused({ HSHA_PORT: "" }, "HSHA_PORT has no value; it must be an integer from 0 to 65535");
  refused({ HSHA_ALLOW_NET: "::1" }, 'HSHA_ALLOW_NET is "::1"; it must be true, false or a list');
  refused({ HSHA_JSON: "yes" }, 'HSHA_JSON is "yes"; it must be true or false');
  refused({ HSHA_UNIX: "x", HSHA_PORT: "5" }, 'HSHA_PORT "5" and HSHA_UNIX "x" exclude');
});

Deno.test("parseFlags lets an argument overrule a variable that contradicts it", () => {
  assertEquals(parse("--port 5", { HSHA_UNIX: "x" }).given, { port: 5 });
  assertEquals(parse("--unix x", { HSHA_PORT: "5" }).given, { unix: "x" });
});

Deno.test("parseFlags takes an operand for the options that it stands for", () => {
  assertEquals(parseOperand("example.org:80"), { host: "example.org", port: 80 });
  assertEquals(parseOperand("--json example.org:80"), {
    json: true,
    host: "example.org",
    port: 80,
  });
  assertEquals(parseOperand("-- x:80", { HSHA_PORT: "1", HSHA_UNIX: "u" }), {
    host: "x",
    port: 80,
  });
  const refused = (line: string, message: string) =>
    assertThrows(() => parseOperand(line), UsageError, message);
  refused("x:abc", 'The port in "x:abc" is "abc"; it must be an integer from 0 to 65535');
  refused("x:80 --port 81", '"81" and "80"');
  refused("x:80 --unix u", "exclude each other");
  refused("x:80 y:80", 'The argument "y:80" has no meaning here; only one argument is allowed');
  refused("x:80 --port --json", "--port has no value; it must be an integer from 0 to 65535");
  refused("--port -- x:80", "--port has no value; it must be an integer from 0 to 65535");
  refused("nonsense", 'The argument is "nonsense"; it must be HOST:PORT');
});

Deno.test("parseFlags passes on the words behind --, of a command that does so", () => {
  const pass = (...args: string[]) =>
    parseFlags(args, { table: TABLE, passesOn: true, env: () => undefined });
  assertEquals(pass("-w2", "--", "--port", "-x", ""), {
    given: { workers: 2 },
    passedOn: ["--port", "-x", ""],
  });
  assertEquals(pass("--", "--", "a"), { given: {}, passedOn: ["--", "a"] });
  assertEquals(pass("-w2"), { given: { workers: 2 }, passedOn: [] });
  assertEquals(pass("--", "--help"), { given: {}, passedOn: ["--help"] });
  assertThrows(() => pass("stray", "--", "a"), UsageError, 'The argument "stray" has no meaning');
  assertThrows(() => pass("--port", "--", "a"), UsageError, "--port has no value; it must be an");
});

Deno.test("parseFlags refuses an option without the one that it needs", () => {
  const needs = [["socketMode", "unix"]] as const;
  const read = (args: string[], env: Record<string, string> = {}) =>
    parseFlags(args, { table: TABLE, needs, env: (name) => env[name] }).given;
  assertEquals(read(["--socket-mode", "0660", "--unix", "x"]), { socketMode: 0o660, unix: "x" });
  assertEquals(read(["--socket-mode=7"], { HSHA_UNIX: "x" }), { socketMode: 7, unix: "x" });
  const lonely = '--socket-mode is "660"; it needs --unix as well';
  assertThrows(() => read(["--socket-mode=660"]), UsageError, lonely);
  const message = 'HSHA_SOCKET_MODE is "660"; it needs --unix as well';
  assertThrows(() => read([], { HSHA_SOCKET_MODE: "660" }), UsageError, message);
});

Deno.test("parseFlags ignores what Kubernetes sets for a service by the name of hsha", () => {
  const env = {
    HSHA_PORT: "tcp://10.0.0.1:7007",
    HSHA_PORT_7007_TCP: "tcp://10.0.0.1:7007",
    HSHA_SERVICE_HOST: "10.0.0.1",
    HSHA_WORKERS: "3",
  };
  assertEquals(parse("", env).given, { workers: 3 });
  assertEquals(strayVariables(["port", "workers"], env), []);
});

Deno.test("strayVariables finds what looks like an option's variable and is none's", () => {
  const env = { HSHA_PROT: "1", HSHA_PORT: "1", HSHA_KV_FILE: "x", HSHA_WEB: "1", HOME: "/" };
  assertEquals(strayVariables(["port"], env), ["HSHA_PROT", "HSHA_WEB"]);
});

Deno.test("renderHelp shows every option with its default in 80 columns", () => {
  const manual = { summary: "Serves.", usage: ["hsha"], examples: [["hsha", "serves"]] as const };
  const help = renderHelp({ ...manual, table: SERVE_TABLE });
  for (const line of help.split("\n")) assertEquals(line.length <= 80, true, line);
  for (const [name, option] of Object.entries(SERVE_TABLE)) {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const rest = help.split(`${flag} `)[1] ?? help.split(`${flag}[`)[1] ?? "";
    const row = rest.split("\n  -")[0].split("\n      -")[0].replaceAll(/\s+/g, " ");
    const byDefault = "default" in option ? `[default: ${option.default}]` : "";
    assertEquals(row.includes(byDefault), true, `${flag}: ${row}`);
  }
});
