/** TLS: the handshake's deadline, half-close, and certificates that will not do. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

const reason = hasOpenssl ? "" : " (skipped: there is no openssl to make a certificate)";

/** A test that needs a certificate. */
function test(
  name: string,
  fn: (certificate: Certificate) => Promise<void>,
  { ignore } = { ignore: false },
): void {
  Deno.test({
    name: `${name}${reason}`,
    ignore: ignore || !hasOpenssl,
    async fn() {
      using certificate = new Certificate();
      await fn(certificate);
    },
  });
}

/** A TLS client of the server. */
async function connect(server: TestServer, { cert }: Certificate): Promise<LineClient> {
  const { port } = server.addr as Deno.NetAddr;
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
  await conn.handshake();
  return new LineClient(conn);
}

test("serve speaks TLS, and answers everything after a half-close", async (certificate) => {
  const { cert, key } = certificate;
  await using server = await startServer({ tls: { cert, key } });
  using client = await connect(server, certificate);
  assertMatch(await client.ask("hello"), /^[12] hello$/);
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
  const [text] = await Promise.all([
    client.restText(),
    client.send(lines.join("\n")).then(() => client.finish()),
  ]);
  const replies = text.split("\n").slice(0, -1);
  assertEquals(replies.map((reply) => reply.slice(2)), lines);
});

test(
  "handshake gives up a TLS client that does not shake hands within 5 s",
  async (certificate) => {
    const { cert, key } = certificate;
    await using server = await startServer({ tls: { cert, key } });
    const { port } = server.addr as Deno.NetAddr;
    const begun = performance.now();
    using _silent = new LineClient(await Deno.connect({ port }));
    using client = await connect(server, certificate);
    assertMatch(await client.ask("others are served"), /others are served$/);
    const { reason } = await server.event("accept_failed");
    assertEquals(reason, "no TLS handshake within 5 seconds");
    assertGreater(performance.now() - begun, 4500);
  },
  LONG,
);

test("serve goes on when a client speaks no TLS", async (certificate) => {
  const { cert, key } = certificate;
  await using server = await startServer({ tls: { cert, key } });
  const { port } = server.addr as Deno.NetAddr;
  for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "\0".repeat(5000), "\x16\x03\x01\xff\xff"]) {
    using client = new LineClient(await Deno.connect({ port }));
    await client.send(bytes);
    await client.finish();
    await client.rest().catch(() => {});
  }
  await until(() => server.eventsOf("accept_failed").length > 0, "the report");
  assertEquals(server.eventsOf("accept_failed").length, 1, "one report for all within 5 s");
  using client = await connect(server, certificate);
  assertMatch(await client.ask("still here"), /still here$/);
});

test("Server.shutdown does not wait for a TLS handshake", async (certificate) => {
  const { cert, key } = certificate;
  const server = await startServer({ tls: { cert, key } });
  const { port } = server.addr as Deno.NetAddr;
  using _silent = new LineClient(await Deno.connect({ port }));
  using client = await connect(server, certificate);
  assertMatch(await client.ask("hello"), /hello$/);
  const begun = performance.now();
  await server[Symbol.asyncDispose]();
  assertLess(performance.now() - begun, 3000);
});

test("hsha says in one line what is wrong with a certificate file", async (certificate) => {
  const { certFile, keyFile } = certificate;
  const noPem = certificate.file("no.pem", "this is no certificate\n");
  const damaged = (name: string, text: string) =>
    certificate.file(name, text.replace(/-----\n[^-]+/, "-----\nAAAA\n"));
  const badCert = damaged("bad_cert.pem", certificate.cert);
  const badKey = damaged("bad_key.pem", certificate.key);
  using other = new Certificate();
  const noCert = "it must be a PEM file with a certificate";
  const noKey = "it must be a PEM file with a private key without a password";
  const cases: [cert: string, key: string, code: number, says: string][] = [
    [noPem, keyFile, 2, `--tls-cert is "${noPem}"; ${noCert}`],
    [keyFile, certFile, 2, `--tls-cert is "${keyFile}"; ${noCert}`],
    [certFile, noPem, 2, `--tls-key is "${noPem}"; ${noKey}`],
    [certFile, certFile, 2, `--tls-key is "${certFile}"; ${noKey}`],
    [badCert, keyFile, 2, `--tls-cert is "${badCert}"; what it holds is not a valid certificate`],
    [certFile, badKey, 2, `--tls-key is "${badKey}"; what it holds is not a valid private key`],
    [certFile, other.keyFile, 2, `it must be the key that belongs to --tls-cert "${certFile}"`],
    [`${certFile}.missing`, keyFile, 1, `cannot read --tls-cert "${certFile}.missing": `],
  ];
  for (const [cert, key, code, says] of cases) {
    await using server = FaultServer.launch(["--port", "0", "--tls-cert", cert, "--tls-key", key]);
    assertEquals((await server.status).code, code, server.lines.join("\n"));
    assertEquals(server.lines.length, 1, server.lines.join("\n"));
    assertStringIncludes(server.lines[0], says);
    assert(!server.lines[0].includes("PRIVATE KEY"), "it shows no key");
  }
});
