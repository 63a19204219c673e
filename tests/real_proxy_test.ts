/** Real proxies in front of the server: HAProxy, nginx and stunnel, each with its PROXY header. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { Certificate } from "./helpers/fault_certificates.ts";
import { freePort } from "./helpers/free_port.ts";
import { RealProgram, realTest } from "./helpers/real_program.ts";
import { startServer, type TestServer, type TestServerOptions } from "./helpers/server.ts";

/** A server behind a proxy; a line of more than 10 bytes has its client named in an event. */
function startBehind(options: TestServerOptions = {}): Promise<TestServer> {
  return startServer({ proxyProtocol: true, maxLine: 10, ...options });
}

function portOf({ addr }: TestServer): number {
  return (addr as Deno.NetAddr).port;
}

/** Asks through the proxy, and sees that the server knows whose connection it is. */
async function check(server: TestServer, client: LineClient, local: Deno.Addr): Promise<void> {
  assertMatch(await client.ask("hello"), /^[12] hello$/);
  assertMatch(await client.ask("x".repeat(11)), /^ERR line longer/);
  await client.send("a\nb");
  await client.finish();
  assertMatch(await client.restText(), /^[12] a\n[12] b\n$/, "all is answered behind a half-close");
  const { hostname, port } = local as Deno.NetAddr;
  const { peer } = await server.event("lines_failed");
  assertEquals(peer, `${hostname}:${port}`, "the client's address, not the proxy's");
  assertEquals(server.eventsOf("proxy_header_refused"), []);
}

/** A client of a port, and its own address. */
async function connect(port: number): Promise<[LineClient, Deno.Addr]> {
  const client = await LineClient.connect({ transport: "tcp", hostname: "127.0.0.1", port });
  return [client, client.conn.localAddr];
}

/** A configuration of HAProxy: connections to one port go to another one. */
function haproxy(from: number, to: number, options: string): string {
  return `
global
  stats timeout 1s
defaults
  mode tcp
  timeout connect 20s
  timeout check 20s
  timeout client 60s
  timeout server 60s
listen it
  bind 127.0.0.1:${from}
  option tcp-check
  tcp-check send "hello\\n"
  tcp-check expect string hello
  server hsha 127.0.0.1:${to} ${options}
`;
}

for (const option of ["send-proxy", "send-proxy-v2"]) {
  realTest(`serve knows the client of HAProxy's ${option}`, ["haproxy"], async () => {
    await using server = await startBehind();
    const port = freePort();
    const files = { "haproxy.cfg": haproxy(port, portOf(server), option) };
    await using _proxy = await RealProgram.start(
      "haproxy",
      { args: ["-db", "-f", "haproxy.cfg"], files },
      port,
    );
    const [client, local] = await connect(port);
    using _ = client;
    await check(server, client, local);
  });
}

realTest(
  "serve answers HAProxy's health checks, which speak for themselves",
  ["haproxy"],
  async () => {
    await using server = await startBehind();
    const port = freePort();
    const files = {
      "haproxy.cfg": haproxy(port, portOf(server), "send-proxy-v2 check inter 100ms rise 1 fall 1"),
    };
    await using proxy = await RealProgram.start(
      "haproxy",
      { args: ["-db", "-f", "haproxy.cfg"], files },
      port,
    );
    await until(() => server.server.counters.answered > 3, "four checks");
    const [client, local] = await connect(port);
    using _ = client;
    await check(server, client, local);
    assert(!proxy.output.includes("DOWN"), proxy.output);
  },
);

realTest("serve speaks TLS behind HAProxy's send-proxy-v2", ["haproxy", "openssl"], async () => {
  using certificate = new Certificate();
  const { cert, key } = certificate;
  await using server = await startBehind({ tls: { cert, key } });
  const port = freePort();
  const files = { "haproxy.cfg": haproxy(port, portOf(server), "send-proxy-v2") };
  await using _proxy = await RealProgram.start(
    "haproxy",
    { args: ["-db", "-f", "haproxy.cfg"], files },
    port,
  );
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
  using client = new LineClient(conn);
  await check(server, client, conn.localAddr);
});

realTest(
  "serve knows the client of nginx's stream module",
  ["nginx", "/usr/lib/nginx/modules/ngx_stream_module.so"],
  async () => {
    await using server = await startBehind();
    const port = freePort();
    const files = {
      "nginx.conf": `
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
stream {
  server {
    listen 127.0.0.1:${port};
    proxy_pass 127.0.0.1:${portOf(server)};
    proxy_protocol on;
    proxy_half_close on;
  }
}
`,
    };
    const args = ["-e", "stderr", "-p", ".", "-c", "nginx.conf"];
    await using _proxy = await RealProgram.start("nginx", { args, files }, port);
    const [client, local] = await connect(port);
    using _ = client;
    await check(server, client, local);
  },
);

realTest(
  "serve knows the client of stunnel's protocol = proxy",
  ["stunnel", "openssl"],
  async () => {
    using certificate = new Certificate();
    const { certFile, keyFile, cert } = certificate;
    await using server = await startBehind();
    const port = freePort();
    const files = {
      "stunnel.conf": `
foreground = yes
pid =
[hsha]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${portOf(server)}
cert = ${certFile}
key = ${keyFile}
protocol = proxy
`,
    };
    await using _proxy = await RealProgram.start(
      "stunnel",
      { args: ["stunnel.conf"], files },
      port,
    );
    const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
    using client = new LineClient(conn);
    await check(server, client, conn.localAddr);
  },
);
