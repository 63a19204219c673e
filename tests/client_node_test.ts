/** The client in Node, which takes TypeScript as it is from 22.18 on. */

import { assertEquals } from "@std/assert";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { freePort } from "./helpers/free_port.ts";
import { ROOT, runProgram } from "./helpers/program.ts";
import { startServer } from "./helpers/server.ts";

/** The program of another Node can be named, where the one in the PATH is too old. */
const NODE = Deno.env.get("TEST_NODE") ?? "node";

/** Whether there is a Node that takes TypeScript without a flag. */
function hasNode(): boolean {
  try {
    const { stdout } = new Deno.Command(NODE, { args: ["--version"] }).outputSync();
    const [major, minor] = new TextDecoder().decode(stdout).slice(1).split(".").map(Number);
    return major > 23 || major === 23 && minor >= 6 || major === 22 && minor >= 18;
  } catch {
    return false;
  }
}

/** What Node runs; its arguments are a port and other options as JSON. */
const SCRIPT = `
import { connect, ConnectError, ReplyError } from ${
  JSON.stringify(`file://${ROOT}lib/client/mod.ts`)
};
const [options, nobody] = process.argv.slice(-2).map((text) => JSON.parse(text));
const client = await connect({ timeout: 60, ...options });
const lines = Array.from({ length: 5000 }, (_, i) => "line " + i + " \\udcff");
const said = [await client.ask("é")];
const replies = [];
for await (const reply of client.askAll(lines)) replies.push(reply);
said.push(replies.every((reply, i) => reply === "1 " + lines[i]));
const asked = await Promise.all(lines.map((line) => client.ask(line)));
said.push(asked.every((reply, i) => reply === "1 " + lines[i]));
said.push(await client.ask("x".repeat(70_000)).catch((error) => error instanceof ReplyError));
await client.end();
said.push(await client.ask("late").catch(({ name }) => name));
said.push(await connect(nobody).catch((error) => error instanceof ConnectError));
said.push(await connect({ greeting: 0.5 }).catch(({ message }) => message));
console.log(JSON.stringify(said));
`;

const SAID = [
  ...["1 é", true, true, true, "ConnectionLostError", true],
  'The option "greeting" is 0.5; it must be an integer from 0 to 10000',
];

for (const transport of ["TCP", "a Unix socket", "TLS"]) {
  const ignore = !hasNode() || transport === "TLS" && !hasOpenssl;
  Deno.test(`connect works in Node over ${transport}`, { ignore }, async () => {
    using folder = new TemporaryFolder();
    using certificate = transport === "TLS" ? new Certificate() : undefined;
    const tls = certificate && { cert: certificate.cert, key: certificate.key };
    const unix = transport === "a Unix socket" ? folder.file("socket") : undefined;
    await using server = await startServer({ workers: 1, tls, unix });
    const nobody = { port: freePort() };
    const options = unix !== undefined
      ? { unix }
      : { port: (server.addr as Deno.NetAddr).port, caCert: certificate?.cert };
    Deno.writeTextFileSync(folder.file("script.mjs"), SCRIPT);
    const { code, stdout, stderr } = await runProgram(
      [folder.file("script.mjs"), JSON.stringify(options), JSON.stringify(nobody)],
      { command: [NODE] },
    );
    assertEquals({ code, said: JSON.parse(stdout || "null") }, { code: 0, said: SAID }, stderr);
  });
}
