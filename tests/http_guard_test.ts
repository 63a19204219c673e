/** `--refuse-http`: no web page can drive a handler, whatever it sends, and whoever is no web client may stay. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { isWebClient } from "../lib/half_async/http_guard.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { KvFolder } from "./helpers/handler_kv.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

const REFUSED = "ERR this is no web server: HTTP requests are refused\n";

/** A handler whose replies show what it has run. */
const source = "export default (line) => `ran ${line}`;";

const REQUESTS = [
  "GET / HTTP/1.1",
  "POST / HTTP/1.1",
  "POST /a?b=%20c#d HTTP/1.0",
  "OPTIONS * HTTP/1.1",
  "SET / HTTP/1.1", // a page chooses its method
  "m!#$%&'*+-.^_`|~9 / HTTP/1.1",
  "GET http://127.0.0.1:7007/ HTTP/1.1",
  "CONNECT 127.0.0.1:7007 HTTP/1.1",
  "PRI * HTTP/2.0",
  "GET /\xff\xa0 HTTP/1.1", // not what a browser sends; no space either
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // TLS's hello: the page's address began with https
];

const OTHERS = [
  "",
  "hello",
  "GET tea",
  "SET tea HTTP/1.1", // no target of a request
  "SET /a this is HTTP/1.1",
  "GET / HTTP/1.1 ",
  "GET / http/1.1",
  "GET / HTTP/11",
  "GET  HTTP/1.1",
  " GET / HTTP/1.1",
  "GET /",
  "(a) / HTTP/1.1",
];

/** Of lines that were too long: what there is of them. */
const BEGINNINGS = [
  "G",
  "POST",
  "POST ",
  "GET h",
  "GET /aaaa",
  "SET /a",
  "GET /a HT",
  "GET /a HTTP/1.",
];
const OTHER_BEGINNINGS = ["hello", "SET a", "SET /a text", "GET /a HTTP and more", "SET ", "POSTS"];

Deno.test("isWebClient knows a request's first line, and what is none", () => {
  for (const line of REQUESTS) assertEquals(isWebClient(line, false), true, line);
  for (const line of [...OTHERS, ...BEGINNINGS]) {
    assertEquals(isWebClient(line, false), false, line);
  }
});

Deno.test("isWebClient knows the beginning of a request that is too long", () => {
  for (const line of [...BEGINNINGS, ...REQUESTS]) {
    assertEquals(isWebClient(line, true), true, line);
  }
  for (const line of OTHER_BEGINNINGS) assertEquals(isWebClient(line, true), false, line);
});

/** Sends chunks, each as a packet of its own as far as the system lets them; all that comes back. */
async function talk(server: TestServer, chunks: readonly string[]): Promise<string> {
  using client = await server.connect();
  const send = async () => {
    for (const chunk of chunks) await client.send(chunk);
    await client.finish();
  };
  // The server may have closed before all is sent.
  const [answer] = await Promise.all([client.restText(), send().catch(() => {})]);
  return answer;
}

Deno.test("serve runs no line of a request, in whatever pieces and with whatever line ends it comes", async () => {
  await using server = await startServer({ source, refuseHttp: true });
  let requests = 0;
  for (const end of ["\n", "\r\n", "\r"]) {
    const request = ["POST / HTTP/1.1", "Host: localhost", "", "SET pwn 1", "x"].join(end);
    for (let cut = 1; cut < request.length; cut++) {
      requests++;
      assertEquals(await talk(server, [request.slice(0, cut), request.slice(cut)]), REFUSED);
    }
    requests += 2;
    assertEquals(await talk(server, [...request]), REFUSED, "byte by byte");
    assertEquals(await talk(server, ["GET / HTTP/1.1"]), REFUSED, "without any line end");
  }
  const { accepted, failed, answered } = server.server.counters;
  assertEquals({ accepted, failed, answered }, {
    accepted: requests,
    failed: requests,
    answered: 0,
  });
});

for (const order of ["request", "completion", "serial"] as const) {
  for (const overload of ["pause", "reject"] as const) {
    Deno.test(`serve runs no line of a long request in ${order} order with overload ${overload}`, async () => {
      const limits = { queueLimit: 3, order, overload };
      await using server = await startServer({ source, refuseHttp: true, ...limits });
      const body = "SET pwn 1\n".repeat(20_000);
      assertEquals(await talk(server, [`POST / HTTP/1.1\r\n\r\n${body}`]), REFUSED);
      assertEquals(server.server.counters.answered, 0);
    });
  }
}

Deno.test("serve closes the connection behind a refused request, though the client stays", async () => {
  await using server = await startServer({ source, refuseHttp: true });
  using client = await server.connect();
  await client.send("GET / HTTP/1.1\r\n");
  assertEquals(await client.restText(), REFUSED);
});

Deno.test("serve refuses a request that is too long, and goes on with other long lines", async () => {
  await using server = await startServer({ source, refuseHttp: true, maxLine: 10 });
  assertEquals(await talk(server, [`GET /${"a".repeat(99)} HTTP/1.1\r\nSET pwn 1\n`]), REFUSED);
  const long = "ERR line longer than the limit of 10 bytes\nran next\n";
  assertEquals(await talk(server, ["hello, hello\nnext\n"]), long);
});

Deno.test("serve takes a request for lines where it is not the first, or is to be served", async () => {
  {
    await using server = await startServer({ source, refuseHttp: true });
    assertEquals(await talk(server, ["a\nGET / HTTP/1.1\n"]), "ran a\nran GET / HTTP/1.1\n");
    assertEquals(await talk(server, ["\nGET / HTTP/1.1\n"]), "ran \nran GET / HTTP/1.1\n");
  }
  await using server = await startServer({ source });
  assertEquals(await talk(server, ["GET / HTTP/1.1\n"]), "ran GET / HTTP/1.1\n");
});

/** Runs curl. @returns what it wrote to standard output, and its exit code */
async function curl(...args: string[]): Promise<{ code: number; stdout: string }> {
  const command = new Deno.Command("curl", { args: ["-sS", "--max-time", "60", ...args] });
  const { code, stdout } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

const hasCurl = await curl("--version").then(({ code }) => code === 0, () => false);

Deno.test("kv stores nothing for a web page, by default", async () => {
  using folder = new KvFolder();
  await using server = await folder.start();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const body = "x\nSET pwn 1\n";
  for (const method of ["POST", "PUT", "SET"]) {
    await assertRejects(() => fetch(url, { method, body }), TypeError, undefined, method);
  }
  await assertRejects(() => fetch(`${url}a%0ASET`, { headers: { "X-A": "SET pwn 1" } }), TypeError);
  await assertRejects(
    () => fetch(url.replace("http", "https"), { method: "POST", body }),
    TypeError,
  );
  await assertRejects(
    async () => {
      const { promise, reject } = Promise.withResolvers<void>();
      new WebSocket(url.replace("http", "ws")).onerror = () => reject(new Error("no socket"));
      await promise;
    },
    Error,
    "no socket",
  );
  if (hasCurl) {
    assertEquals((await curl("--data-binary", body, url)).code, 1, "no HTTP/0.9 is taken");
    assertEquals(await curl("--http0.9", "--data-binary", body, url), { code: 0, stdout: REFUSED });
    assertEquals((await curl("-k", url.replace("http", "https"))).code, 35, "no TLS");
  }
  using client = await LineClient.connect(server.addr);
  assertEquals(await client.ask("GET pwn"), "ERR there is no such key");
  assertEquals(await client.ask("KEYS *"), "");
});

Deno.test("kv serves what looks like a request when --no-refuse-http, or the variable, says so", async () => {
  for (
    const [args, env] of [[["--no-refuse-http"], {}], [[], { HSHA_REFUSE_HTTP: "false" }]] as const
  ) {
    using folder = new KvFolder();
    await using server = await folder.start(args, "kv", env);
    using client = await LineClient.connect(server.addr);
    assertMatch(await client.ask("POST / HTTP/1.1"), /^ERR the command must have the form/);
    assertEquals(await client.ask("SET a 1"), "OK");
  }
});

Deno.test({
  name: "serve refuses a web client's request within TLS",
  ignore: !hasOpenssl,
  async fn() {
    using certificate = new Certificate();
    const { cert, key, certFile } = certificate;
    await using server = await startServer({ source, refuseHttp: true, tls: { cert, key } });
    const { port } = server.addr as Deno.NetAddr;
    const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
    using client = new LineClient(conn);
    await client.send("POST / HTTP/1.1\r\n\r\nSET pwn 1\n");
    assertEquals(await client.restText(), REFUSED);
    if (hasCurl) {
      const url = `https://localhost:${port}/`;
      const { stdout } = await curl("--http0.9", "--cacert", certFile, "-d", "SET pwn 1\n", url);
      assertEquals(stdout, REFUSED);
    }
    assertEquals(server.server.counters.answered, 0);
  },
});
