/** `hsha connect` over TLS: with a certificate that it was told to trust, and with a stranger's. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ROOT, runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** What docs/guarantees.md says makes a certificate for 127.0.0.1 that vouches for itself. */
const RECIPE = /^openssl req(?:.*\\\n)+.*$/m
  .exec(Deno.readTextFileSync(`${ROOT}docs/guarantees.md`))?.[0] ?? "";

/** Makes a certificate in a folder; false where there is no openssl. */
async function makeCertificate(folder: string, recipe = RECIPE): Promise<boolean> {
  const command = new Deno.Command("sh", { args: ["-c", recipe], cwd: folder, stderr: "null" });
  try {
    return (await command.output()).success;
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

Deno.test(
  "connect says how to make a server's certificate when it is shown an authority's",
  { ignore: !hasCertificate },
  async () => {
    const folder = await Deno.makeTempDir({ dir: tlsFolder });
    const careless = RECIPE.replace(/-addext basicConstraints=\S+/, "");
    assert(await makeCertificate(folder, careless));
    const [cert, key] = ["cert.pem", "key.pem"].map((it) =>
      Deno.readTextFileSync(`${folder}/${it}`)
    );
    await using server = await startServer({ workers: 1, tls: { cert, key } });
    const port = String((server.addr as Deno.NetAddr).port);
    const args = ["connect", "--ca-cert", `${folder}/cert.pem`, port];
    const { code, stderr } = await runProgram(args, { stdin: "hello" });
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^hsha: cannot connect to [^\n]+; make it with basicConstraints=CA:FALSE\n$/,
    );
  },
);

for (const command of ["connect", "bench"]) {
  Deno.test(`${command} refuses a --ca-cert that holds no certificate`, async () => {
    const file = `${tlsFolder}/no.pem`;
    await Deno.writeTextFile(file, "this is no certificate\n");
    const { code, stderr } = await runProgram([command, "--ca-cert", file, "1"]);
    const told = `hsha: --ca-cert is "${file}"; it must be a PEM file with a certificate\n`;
    assertEquals({ code, stderr }, { code: 2, stderr: told });
  });
}
