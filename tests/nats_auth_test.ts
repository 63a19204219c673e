/** How servers and worker machines show NATS who they are: token, user and password, credentials, TLS. */

import { assertEquals, assertMatch } from "@std/assert";
import { nkeys } from "@nats-io/transport-node";
import { again } from "./helpers/again.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { FaultServer } from "./helpers/fault_server.ts";
import { NatsServer, NatsService, natsTest, type PartOptions } from "./helpers/nats.ts";
import { runProgram } from "./helpers/program.ts";

/** NATS may close the connection before its word of that has come. */
const REFUSED = /^hsha: cannot connect to NATS at 127.0.0.1:\d+: .*refuses.*\n$/;

/** A line goes to a worker machine and back. */
async function isServed(service: NatsService, options: PartOptions = {}): Promise<void> {
  await service.node(options);
  const front = await service.front(options);
  using client = await front.connect();
  assertEquals(await client.ask("hello"), "1 hello");
}

natsTest("a token in the URL is shown to NATS", async () => {
  await using service = await NatsService.start({
    config: 'authorization { token: "s3cr@t" }',
    url: (plain) => plain.replace("//", "//s3cr%40t@"),
  });
  await isServed(service);
});

natsTest(
  "user and password in the URL are shown to NATS, and one that it refuses is told",
  async () => {
    await using service = await NatsService.start({
      config: 'authorization { user: "me", password: "s3:cret" }',
      url: (plain) => plain.replace("//", "//me:s3%3Acret@"),
    });
    await isServed(service);
    const url = service.nats.url.replace("//", "//me:wrong@");
    const { code, stderr } = await runProgram(["work", "--nats", url]);
    assertEquals(code, 1);
    assertMatch(stderr, REFUSED);
  },
);

natsTest("what NATS does not allow is told", async () => {
  const user = 'user: me, password: secret, permissions: { publish: "x", subscribe: "x" }';
  await using nats = await NatsServer.start({ config: `authorization { users: [{ ${user} }] }` });
  const url = nats.url.replace("//", "//me:secret@");
  for (const command of ["serve", "work"]) {
    const args = [command, "--nats", url, "--log", "json"];
    // NATS does not let the server's echo through, either: on a busy machine, its silence is told first.
    await again(async () => {
      await using program = FaultServer.launch(command === "work" ? args : [...args, "-p", "0"]);
      const { reason } = await program.event("nats_lost");
      assertMatch(String(reason), /Permissions Violation for (Subscription|Publish)/i);
    });
  }
});

natsTest("NATS_URL stands in for --nats", async () => {
  await using service = await NatsService.start();
  await service.node();
  const env = { NATS_URL: service.nats.url };
  const { stderr } = await runProgram(["serve", "--service", "a b"], { env });
  assertMatch(stderr, /^hsha: --service is "a b"; it must be a name/);
  const wrong = await runProgram(["work"], { env: { NATS_URL: "here" } });
  assertEquals(wrong.code, 2);
  assertMatch(wrong.stderr, /^hsha: NATS_URL is "here"; it must be a URL nats:/);
  await using other = await NatsService.start();
  await other.nats.down();
  const gone = await runProgram(["work"], { env: { NATS_URL: other.nats.url } });
  assertMatch(gone.stderr, /^hsha: cannot connect to NATS at 127.0.0.1:\d+: connection refused/);
});

natsTest("a credentials file is shown to NATS", async () => {
  const { config, creds } = credentials();
  await using service = await NatsService.start({ config });
  const file = service.files.file("me.creds");
  Deno.writeTextFileSync(file, creds);
  await isServed(service, { args: ["--nats-creds", file] });
  const { code, stderr } = await runProgram(["work", "--nats", service.nats.url]);
  assertEquals(code, 1);
  assertMatch(stderr, REFUSED);
  Deno.writeTextFileSync(file, "nothing");
  const args = ["work", "--nats", service.nats.url, "--nats-creds", file];
  assertMatch((await runProgram(args)).stderr, /: it holds no NATS credentials\n$/);
});

if (hasOpenssl) {
  natsTest("tls:// is TLS, and trusts whom Deno trusts", async () => {
    using certificate = new Certificate();
    const { certFile, keyFile } = certificate;
    await using service = await NatsService.start({
      config: `tls { cert_file: ${JSON.stringify(certFile)}, key_file: ${
        JSON.stringify(keyFile)
      } }`,
      url: (plain) => plain.replace("nats://127.0.0.1", "tls://localhost"),
    });
    await isServed(service, { env: { DENO_CERT: certFile } });
    const url = `tls://localhost:${service.nats.port}`;
    const { code, stderr } = await runProgram(["work", "--nats", url]);
    assertEquals(code, 1);
    assertMatch(stderr, /^hsha: cannot connect to NATS at localhost:\d+: .*certificate.*\n$/i);
  });
}

/** An operator, an account and a user, as NATS's own tool makes them: a configuration and a file. */
function credentials(): { config: string; creds: string } {
  const [operator, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const part = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const token = (
    issuer: typeof operator,
    subject: typeof operator,
    type: "operator" | "account" | "user",
  ) => {
    const limits = { subs: -1, data: -1, payload: -1 };
    const account = { ...limits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const claims = {
      jti: crypto.randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name: type,
      nats: {
        type,
        version: 2,
        ...type === "account" && { limits: account },
        ...type === "user" && { ...limits, pub: {}, sub: {} },
      },
    };
    const signed = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part(claims)}`;
    return `${signed}.${base64url(issuer.sign(new TextEncoder().encode(signed)))}`;
  };
  return {
    config: `operator: ${token(operator, operator, "operator")}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${token(operator, account, "account")} }`,
    creds: `-----BEGIN NATS USER JWT-----
${token(account, user, "user")}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${text(user.getSeed())}
------END USER NKEY SEED------
`,
  };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}
