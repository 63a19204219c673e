/** TLS behind a PROXY header: its handshake, its end, and certificates that will not do. */

import {
  assertEquals,
  assertGreater,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { tlsBehindProxy } from "../lib/half_async/tls_behind_proxy.ts";
import { bytesOf } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { Certificate } from "./helpers/fault_certificates.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { realTest, runProgram } from "./helpers/real_program.ts";
import { startServer, type TestServer } from "./helpers/server.ts";

const HEADER = "PROXY TCP4 192.0.2.7 192.0.2.1 4567 7007\r\n";

/**
 * A TLS client that has every byte in its hands: TLS in memory, and a socket beside it. Deno's own client
 * sends no PROXY header first.
 */
const CLIENT = `
import socket, ssl, sys

port, cert, deed = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=cert)
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
client = socket.create_connection(("127.0.0.1", port), timeout=20)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

def send(data):
    step = 1 if deed == "bytewise" else max(1, len(data))
    for at in range(0, len(data), step):
        client.sendall(data[at:at + step])

def do(step):
    while True:
        try:
            return step()
        except ssl.SSLWantReadError:
            send(outgoing.read())
            data = client.recv(65536)
            if data: incoming.write(data)
            else: incoming.write_eof()

def start(header):
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        send(header + outgoing.read())
    do(tls.do_handshake)

def rest():
    received = b""
    try:
        while True:
            data = do(lambda: tls.read(65536))
            if not data: break
            received += data
        return received, "notified"
    except ssl.SSLZeroReturnError:
        return received, "notified"
    except ssl.SSLError:
        return received, "cut"

start(b"${HEADER.trimEnd()}\\r\\n")
tls.write(b"one\\ntwo")
if deed == "cut":
    send(outgoing.read())
    client.shutdown(socket.SHUT_WR)
elif deed == "reset":
    send(outgoing.read())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
    client.close()
    sys.exit()
else:
    try:
        tls.unwrap()
    except ssl.SSLWantReadError:
        pass
    send(outgoing.read()) # the lines and TLS's end in one packet
    if deed == "fin": client.shutdown(socket.SHUT_WR)
received, end = rest()
sys.stdout.write(received.decode() + end)
`;

/** A server with TLS behind a PROXY header. */
function startTls({ cert, key }: Certificate): Promise<TestServer> {
  return startServer({ proxyProtocol: true, tls: { cert, key }, workers: 1 });
}

/** What the client of this deed gets, and how it ends. */
async function play(server: TestServer, certificate: Certificate, deed: string): Promise<string> {
  const { port } = server.addr as Deno.NetAddr;
  const { code, stdout, stderr } = await runProgram("python3", {
    args: ["client.py", String(port), certificate.certFile, deed],
    files: { "client.py": CLIENT },
  });
  assertEquals(code, 0, stderr);
  return stdout;
}

/** A test that needs a certificate, and a client that can send something before its handshake. */
function test(name: string, fn: (certificate: Certificate) => Promise<void>): void {
  realTest(name, ["python3", "openssl"], async () => {
    using certificate = new Certificate();
    await fn(certificate);
  });
}

test("serve speaks TLS behind a PROXY header, however it is cut", async (certificate) => {
  await using server = await startTls(certificate);
  for (const deed of ["whole", "fin", "bytewise"]) {
    assertEquals(await play(server, certificate, deed), "1 one\n1 two\nnotified", deed);
  }
  assertEquals(server.eventsOf("connection_lost"), []);
});

test("serve runs no line whose TLS was cut off before its end", async (certificate) => {
  await using server = await startTls(certificate);
  // Whether the server can still say good-bye is a matter of who is faster.
  assertMatch(await play(server, certificate, "cut"), /^(1 one\n)?(cut|notified)$/);
  const { reason, peer } = await server.event("connection_lost");
  assertEquals(reason, "the connection was cut off without TLS's end");
  assertEquals(peer, "192.0.2.7:4567");
  assertEquals(await play(server, certificate, "reset"), "");
  await until(() => server.eventsOf("connection_lost").length === 2, "the other one's end");
  const { accepted } = server.server.counters;
  assertEquals(accepted <= 2, true, "not the line that had no end");
});

test("serve gives up clients that shake no hands behind their PROXY header", async (certificate) => {
  await using server = await startTls(certificate);
  using plain = await server.connect();
  await plain.send(`${HEADER}hello\n`);
  await plain.rest().catch(() => {});
  await until(() => server.eventsOf("accept_failed").length === 1, "the report");
  using ended = await server.connect();
  await ended.send(bytesOf(`${HEADER}\x16\x03\x01\x02\x00`));
  await ended.finish();
  assertEquals((await ended.rest()).length, 0, "at once");
  const begun = performance.now();
  using silent = await server.connect();
  await silent.send(HEADER);
  assertEquals((await silent.rest()).length, 0);
  assertGreater(performance.now() - begun, 4500);
  assertEquals(await play(server, certificate, "whole"), "1 one\n1 two\nnotified");
});

test("Server.shutdown does not wait for a handshake behind a PROXY header", async (certificate) => {
  const server = await startTls(certificate);
  using silent = await server.connect();
  await silent.send(HEADER);
  assertEquals(await play(server, certificate, "whole"), "1 one\n1 two\nnotified");
  await server[Symbol.asyncDispose]();
  assertEquals((await silent.rest()).length, 0);
});

test("hsha --proxy-protocol says what is wrong with a certificate", async (certificate) => {
  const { certFile, keyFile } = certificate;
  using other = new Certificate();
  const bad = certificate.file(
    "bad.pem",
    certificate.cert.replace(/-----\n[^-]+/, "-----\nAAAA\n"),
  );
  const cases: [cert: string, key: string, says: string][] = [
    [bad, keyFile, `--tls-cert is "${bad}"; what it holds is not a valid certificate`],
    [certFile, other.keyFile, `it must be the key that belongs to --tls-cert "${certFile}"`],
  ];
  for (const [cert, key, says] of cases) {
    const args = ["--port", "0", "--proxy-protocol", "--tls-cert", cert, "--tls-key", key];
    await using server = FaultServer.launch(args);
    assertEquals((await server.status).code, 2, server.lines.join("\n"));
    assertStringIncludes(server.lines.join("\n"), says);
  }
});

Deno.test("tlsBehindProxy says that an older Deno cannot do it", async () => {
  const options = { tls: { cert: "", key: "" }, proxyProtocol: true };
  for (const version of ["2.4.2", "2.9.0", "2.9.5", "1.46.3"]) {
    const { message } = await assertRejects(() => tlsBehindProxy(options, version), Error);
    assertEquals(
      message,
      `TLS behind a PROXY header needs Deno 2.9.6 or later, this is Deno ${version}`,
    );
  }
  for (const version of ["2.9.6", "2.10.0", "3.0.0-rc.1"]) {
    assertEquals(typeof await tlsBehindProxy(options, version), "function");
  }
  assertEquals(await tlsBehindProxy({ ...options, proxyProtocol: false }, "2.4.2"), undefined);
  assertEquals(await tlsBehindProxy({ proxyProtocol: true }, "2.4.2"), undefined);
});
