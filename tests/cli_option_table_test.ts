/** The table of the server's options: defaults filled in, wrong values refused in a sentence. */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { quote } from "../lib/option_kinds.ts";
import { resolveOptions } from "../lib/option_check.ts";
import { SERVER_OPTIONS } from "../lib/option_table.ts";
import type { ServeOptions } from "../lib/options.ts";
import { ROOT } from "./helpers/program.ts";

/** Options that TypeScript would not let through. */
function wrong(options: unknown): ServeOptions {
  return options as ServeOptions;
}

Deno.test("resolveOptions fills in the defaults of the contract", () => {
  const { workers, ...settings } = resolveOptions();
  assertEquals(workers, navigator.hardwareConcurrency);
  assertEquals(settings, {
    permissions: {},
    handlerArgs: [],
    reusePort: false,
    host: "127.0.0.1",
    port: 7007,
    handler: "echo",
    order: "request",
    newline: "lf",
    refuseHttp: false,
    maxLine: 65536,
    maxReply: 16777216,
    maxHeap: 0,
    replies: "all",
    proxyProtocol: false,
    telnet: false,
    service: "hsha",
    maxConnections: 10000,
    maxPerAddress: 0,
    queueLimit: 10000,
    overload: "pause",
    idleTimeout: 300,
    writeTimeout: 30,
    jobTimeout: 30,
    bootTimeout: 30,
    drainTimeout: 10,
    maxAbandoned: workers,
  });
});

Deno.test("resolveOptions has no idle timeout for one-way senders, unless it is given", () => {
  assertEquals(resolveOptions({ replies: "none" }).idleTimeout, 0);
  assertEquals(resolveOptions({ replies: "none", idleTimeout: 300 }).idleTimeout, 300);
});

Deno.test("resolveOptions keeps what is given, and takes undefined for absent", () => {
  const { signal } = new AbortController();
  const handler = new URL("file:///shout.ts");
  const settings = resolveOptions({ port: 0, workers: 3, handler, signal, idleTimeout: undefined });
  assertEquals(settings.port, 0);
  assertEquals(settings.maxAbandoned, 3);
  assertEquals(settings.idleTimeout, 300);
  assertEquals(settings.handler, handler);
  assertStrictEquals(settings.signal, signal);
});

Deno.test("resolveOptions keeps what its options were, whatever becomes of the objects that it was given", () => {
  // A worker that was replaced had the permissions that its pool's options had got meanwhile.
  const given = { permissions: { read: ["/one"] }, handler: new URL("file:///one.ts") };
  const { permissions, handler } = resolveOptions(given);
  given.permissions.read.push("/two");
  given.handler.pathname = "/two.ts";
  assertEquals([permissions.read, String(handler)], [["/one"], "file:///one.ts"]);
});

const REFUSED: [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] =
  [
    [{ workers: 0 }, RangeError, 'The option "workers" is 0; it must be an integer from 1 to 1024'],
    [
      { workers: 1.5 },
      RangeError,
      'The option "workers" is 1.5; it must be an integer from 1 to 1024',
    ],
    [
      { workers: "4" },
      TypeError,
      'The option "workers" is "4"; it must be an integer from 1 to 1024',
    ],
    [{ port: NaN }, RangeError, 'The option "port" is NaN; it must be an integer from 0 to 65535'],
    [{ port: 70000 }, RangeError, 'The option "port" is 70000; it must be an integer'],
    [{ maxLine: 0 }, RangeError, 'The option "maxLine" is 0; it must be an integer from 1 to'],
    [
      { idleTimeout: Infinity },
      RangeError,
      'The option "idleTimeout" is Infinity; it must be a number of seconds from 0 to 2147483',
    ],
    [{ drainTimeout: -1 }, RangeError, 'The option "drainTimeout" is -1; it must be'],
    [
      { order: "random" },
      RangeError,
      'The option "order" is "random"; it must be "request", "completion", "serial" or "pinned"',
    ],
    [{ newline: 10 }, TypeError, 'The option "newline" is 10; it must be "lf" or "crlf"'],
    [{ host: "" }, RangeError, 'The option "host" is ""; it must be a text that is not empty'],
    [
      { handler: () => "" },
      TypeError,
      'The option "handler" is [Function: handler]; it must be a text that is not empty, or a URL',
    ],
    [
      { unix: "/run/x", port: 1 },
      TypeError,
      'The option "unix" is "/run/x"; it excludes the option',
    ],
    [
      { unix: "/run/x", socketMode: 660 },
      RangeError,
      'The option "socketMode" is 660; it must be an octal number from 0 to 777',
    ],
    [{ socketMode: 0o660 }, TypeError, 'The option "socketMode" needs the option "unix" as well'],
    [{ handlerArgs: "a" }, TypeError, 'The option "handlerArgs" is "a"; it must be a list of'],
    [{ handlerArgs: [1] }, TypeError, 'The option "handlerArgs" is [ 1 ]; it must be a list of'],
    [{ unix: "/run/x", host: "::" }, TypeError, 'it excludes the option "host"'],
    [{ reusePort: 1 }, TypeError, 'The option "reusePort" is 1; it must be true or false'],
    [
      { unix: "/run/x", reusePort: true },
      TypeError,
      Deno.build.os === "linux" ? 'it excludes the option "reusePort"' : "only Linux",
    ],
    [
      { tls: { cert: "PEM", key: "PEM", port: 1 } },
      TypeError,
      'The option "tls" has no part "port"; it has cert and key',
    ],
    [{ tls: { cert: "PEM" } }, TypeError, 'The option "tls" has no text "key"; it needs both'],
    [{ tls: { key: "PEM" } }, TypeError, 'The option "tls" has no text "cert"; it needs both'],
    [
      { permissions: { files: true } },
      TypeError,
      'There is no permission "files"; there are read, write, net, env, run, sys and ffi',
    ],
    [
      { permissions: { read: "/tmp" } },
      TypeError,
      'The option "permissions.read" is "/tmp"; it must be true, false or a list of texts',
    ],
    [
      { permissions: { net: ["example.org", ":::bad"] } },
      TypeError,
      'The option "permissions.net" is [ "example.org", ":::bad" ]; it must be true, false or a ' +
      "list of hosts: names or addresses",
    ],
    [{ permissions: { net: ["a:99999"] } }, TypeError, 'The option "permissions.net" is [ "a:99'],
    [{ permissions: { net: ["::1"] } }, TypeError, 'The option "permissions.net" is [ "::1" ]'],
    [
      { permissions: { sys: ["foo"] } },
      TypeError,
      'The option "permissions.sys" is [ "foo" ]; it must be true, false or a list of kinds of',
    ],
    [{ permissions: { env: [""] } }, RangeError, 'The option "permissions.env" is [ "" ]; it must'],
    [{ signal: {} }, TypeError, 'The option "signal" is {}; it must be an AbortSignal'],
    [{ onListen: 1 }, TypeError, 'The option "onListen" is 1; it must be a function'],
    [
      { worker: 2 },
      TypeError,
      'There is no option "worker"; there are host, port, unix, socketMode,',
    ],
    [{ toString: 2 }, TypeError, 'There is no option "toString"; there are'],
    [null, TypeError, "The options are null; they must be an object"],
  ];

for (const [options, error, message] of REFUSED) {
  Deno.test(`resolveOptions refuses ${Deno.inspect(options)}`, () => {
    assertThrows(() => resolveOptions(wrong(options)), error, message);
  });
}

Deno.test("resolveOptions never quotes a private key", () => {
  const options = wrong({ tls: { cert: "", key: "SECRET" } });
  const error = assertThrows(() => resolveOptions(options), TypeError);
  assertEquals(error.message.includes("SECRET"), false);
});

Deno.test("every option takes its own default", () => {
  for (const [name, option] of Object.entries(SERVER_OPTIONS)) {
    if ("default" in option) resolveOptions(wrong({ [name]: option.default }));
  }
});

/** Texts of every permission: what Deno takes, what looks odd, and what it refuses. */
const GRANTS: [permission: string, texts: string[]][] = [
  ["net", ["example.org", "127.0.0.1:80", "[::1]:80", "80", "*.example.org", "10.0.0.0/8"]],
  ["net", [":::bad", "", "::", "::1", "a:", "a:99999", "a b", "a\0b", "http://a", "*", "a/8"]],
  ["sys", ["hostname", "osRelease", "cpus", "uid", "homedir"]],
  ["sys", ["foo", "", "Hostname", " ", "*"]],
  ["env", ["HOME", "A*", "A=B", "A\0B", " ", ""]],
  ["run", ["true", "./none", "/none", "a\0b", " "]],
  ...["read", "write", "ffi"].map((name): [string, string[]] => [
    name,
    [".", "/none", "~", "a\0b", " ", "\ud800", ""],
  ]),
];

for (const [index, [permission, texts]] of GRANTS.entries()) {
  Deno.test(`resolveOptions refuses what no worker takes for ${permission}: ${quote(texts)}`, async () => {
    const starts = (await (started ??= startWorkers()))[index];
    for (const [at, text] of texts.entries()) {
      assertEquals(passes({ permissions: { [permission]: [text] } }), starts[at], quote(text));
    }
  });
}

function passes(options: unknown): boolean {
  try {
    return resolveOptions(wrong(options)) !== undefined;
  } catch {
    return false;
  }
}

/** Whether a worker starts with each of these, once it is asked for. */
let started: Promise<boolean[][]> | undefined;

/** Asks another process, all at once: `deno test` would check the types of each worker's module. */
async function startWorkers(): Promise<boolean[][]> {
  const probe = `${ROOT}tests/helpers/permission_probe.ts`;
  const args = ["run", "-A", "--config", `${ROOT}deno.json`, probe, JSON.stringify(GRANTS)];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}
