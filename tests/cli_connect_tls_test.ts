/** `hsha connect` over TLS: with a certificate that it was told to trust, and with a stranger's. */

import { assertEquals, assertMatch } from "@std/assert";
import { runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** Makes a certificate for 127.0.0.1, which vouches for itself; false where there is no openssl. */
async function makeCertificate(folder: string): Promise<boolean> {
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const subject = ["-subj", "/CN=hsha test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`];
  const noCa = ["-addext", "basicConstraints=critical,CA:FALSE"];
  const args = [...request.split(" "), ...subject, ...noCa, ...files];
  try {
    return (await new Deno.Command("openssl", { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

const tlsFolder = await Deno.makeTempDir({ prefix: "hsha-tls-" });
// Where there is no openssl there is no certificate to be had.
const hasCertificate = await makeCertificate(tlsFolder);
globalThis.addEventListener("unload", () => Deno.removeSync(tlsFolder, { recursive: true }));

Deno.test(
  "connect speaks TLS, and trusts nobody unasked",
  { ignore: !hasCertificate },
  async () => {
    const [cert, key] = ["cert.pem", "key.pem"].map((it) =>
      Deno.readTextFileSync(`${tlsFolder}/${it}`)
    );
    await using server = await startServer({ workers: 1, tls: { cert, key } });
    const port = String((server.addr as Deno.NetAddr).port);
    const stdin = "hello\nworld";
    const trusted = ["connect", "--ca-cert", `${tlsFolder}/cert.pem`, port];
    const outcome = await runProgram(trusted, { stdin });
    assertEquals(outcome, { code: 0, stdout: "1 hello\n1 world\n", stderr: "" });
    const stranger = await runProgram(["connect", "--tls", port], { stdin });
    assertEquals({ ...stranger, stderr: "" }, { code: 1, stdout: "", stderr: "" });
    assertMatch(
      stranger.stderr,
      /^hsha: cannot connect to 127\.0\.0\.1:\d+: [^\n]*UnknownIssuer\n$/,
    );
  },
);
