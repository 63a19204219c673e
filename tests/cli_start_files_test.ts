/** The files that a start reads: handlers and certificates, of every odd kind; and `--check`. */

import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { readPem } from "../lib/cli/pem.ts";
import { UsageError } from "../lib/cli/usage_errors.ts";
import { withoutLink } from "../lib/handler_file.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { Certificate, hasOpenssl } from "./helpers/fault_certificates.ts";
import { HandlerFiles } from "./helpers/handler_files.ts";
import { ROOT, runProgram, ServerProcess } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

const SHOUT = "export default (line) => line.toUpperCase();\n";

/** A file without an end, which is no regular one. */
const ENDLESS = "/dev/zero";
const ONLY_UNIX = { ignore: Deno.build.os === "windows" };

Deno.test("hsha serves a handler whose path is a symbolic link", ONLY_UNIX, async () => {
  await using files = await HandlerFiles.write({
    "shout.ts":
      'import { mark } from "./mark.ts";\nexport default (line: string) => line + mark;\n',
    "mark.ts": 'export const mark = "!";\n',
  });
  await Deno.mkdir(files.file("elsewhere"));
  await Deno.symlink("../shout.ts", files.file("elsewhere/link.ts"));
  const args = ["--handler", "elsewhere/link.ts", "--workers", "1"];
  await using server = await ServerProcess.start(args, { cwd: files.path });
  using client = await LineClient.connect(server.addr);
  assertEquals(await client.ask("hello"), "hello!");
});

Deno.test("withoutLink follows a link as it is at the time", ONLY_UNIX, async () => {
  await using files = await HandlerFiles.write({ "one.ts": SHOUT, "two.ts": SHOUT });
  const real = await Deno.realPath(files.path);
  const link = files.url("link.ts");
  for (const name of ["one.ts", "two.ts"]) {
    await Deno.symlink(name, files.file("link.ts"));
    assertEquals(withoutLink(link).href, `file://${real}/${name}`);
    await Deno.remove(files.file("link.ts"));
  }
  assertEquals(withoutLink(link), link);
  assertEquals(withoutLink(files.url("one.ts")), files.url("one.ts"));
});

Deno.test(
  "hsha refuses to read what is no regular file, or too large",
  { ignore: LONG.ignore || ONLY_UNIX.ignore },
  async () => {
    await using files = await HandlerFiles.write({ "shout.js": SHOUT });
    const pipe = files.file("pipe.js");
    const { success } = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    assertEquals(success, true);
    const large = files.file("large.js");
    await Deno.writeTextFile(large, "");
    await Deno.truncate(large, 2 ** 26 + 1);
    const irregular = "it is not a regular file";
    const cases: [args: string[], says: string][] = [
      [["--handler", ENDLESS], `cannot load the handler ${ENDLESS}: ${irregular}`],
      [["--handler", pipe], `cannot load the handler ${pipe}: ${irregular}`],
      [["--handler", large], `cannot load the handler ${large}: it has more than 64 MiB`],
      [["--handler", files.path], `cannot load the handler ${files.path}: it is a folder`],
      [["--tls-cert", pipe, "--tls-key", pipe], `cannot read --tls-cert "${pipe}": ${irregular}`],
      [["--tls-cert", ENDLESS, "--tls-key", ENDLESS], `cannot read --tls-cert "${ENDLESS}": `],
      [["--tls-cert", large, "--tls-key", large], `"${large}": it has more than 1 MiB`],
      [["connect", "--ca-cert", pipe, "1"], `cannot read --ca-cert "${pipe}": ${irregular}`],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await runProgram(args);
      assertEquals({ code, lines: stderr.split("\n").length - 1 }, { code: 1, lines: 1 }, stderr);
      assertStringIncludes(stderr, says);
    }
  },
);

Deno.test("hsha suggests the file that is there when a handler's ending was left out", async () => {
  await using files = await HandlerFiles.write({ "words.ts": SHOUT, "shout.js": SHOUT });
  const cases = [["./words", "./words.ts"], ["words", "./words.ts"], ["./shout", "./shout.js"]];
  for (const [handler, file] of cases) {
    const outcome = await runProgram(["--handler", handler], { cwd: files.path });
    const stderr = `hsha: there is no handler "${handler}"; did you mean "${file}"?\n`;
    assertEquals(outcome, { code: 1, stdout: "", stderr });
  }
});

Deno.test("hsha loads a handler's npm: imports, and leaves its lock file as it is", async () => {
  // A package of this one's, by a range that its lock file does not know: no network is needed.
  const source = 'import { toCamelCase } from "npm:deno-std@^1.4.0/text/to_camel_case.js";\n' +
    "export default (line) => toCamelCase(line);\n";
  await using files = await HandlerFiles.write({ "camel.js": source });
  const lock = await Deno.readTextFile(`${ROOT}deno.lock`);
  const args = ["--handler", files.file("camel.js"), "--workers", "1"];
  await using server = await ServerProcess.start(args);
  using client = await LineClient.connect(server.addr);
  assertEquals(await client.ask("max line"), "maxLine");
  assertEquals(await Deno.readTextFile(`${ROOT}deno.lock`), lock);
});

Deno.test("hsha tells in plain text why a handler cannot be loaded", async () => {
  await using files = await HandlerFiles.write({
    "red.js": 'throw new Error("\\x1b[31mred\\x1b[0m");\n',
  });
  const { code, stderr } = await runProgram(["--handler", files.file("red.js")]);
  assertEquals({ code, stderr }, {
    code: 1,
    stderr: `hsha: cannot load the handler ${files.file("red.js")}: red\n`,
  });
});

Deno.test("hsha --check finds what a start would find, and starts nothing", async () => {
  await using files = await HandlerFiles.write({ "shout.js": SHOUT, "broken.js": "export (" });
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const fine = "The options, their files and the handler are in order.\n";
  const good = ["--port", String(taken.addr.port), "--handler", files.file("shout.js")];
  const outcome = await runProgram([...good, "--check", "--", "for the handler"]);
  assertEquals(outcome, { code: 0, stdout: fine, stderr: "" });
  const cases: [args: string[], code: number, says: RegExp][] = [
    [["--workers", "0"], 2, /^hsha: --workers is "0"; it must be [^\n]+\n$/],
    [["--handler", files.file("broken.js")], 1, /^hsha: cannot load the handler [^\n]+\n$/],
    [["--handler", "none"], 1, /^hsha: no built-in handler is named "none" [^\n]+\n$/],
    [["--handler", "kv"], 1, /^hsha: cannot load the handler kv: it keeps [^\n]+\n$/],
  ];
  for (const [args, code, says] of cases) {
    const wrong = await runProgram(["--check", ...args]);
    assertEquals([wrong.code, wrong.stdout], [code, ""]);
    assertMatch(wrong.stderr, says);
  }
});

Deno.test({
  name: "hsha --check looks at a certificate and its key",
  ignore: !hasOpenssl,
  async fn() {
    using certificate = new Certificate();
    using other = new Certificate();
    const check = (key: string) =>
      runProgram(["--check", "--tls-cert", certificate.certFile, "--tls-key", key]);
    assertEquals((await check(certificate.keyFile)).code, 0);
    const { code, stderr } = await check(other.keyFile);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "it must be the key that belongs to --tls-cert");
  },
});

Deno.test({
  name: "readPem takes what other programs write around certificates, and names what is damaged",
  ignore: !hasOpenssl,
  fn() {
    using certificate = new Certificate();
    const { cert, key } = certificate;
    const variants: [name: string, write: (text: string) => string][] = [
      ["byte order mark", (text) => `\uFEFF${text}`],
      ["indentation", (text) => text.replaceAll(/^/gm, "  ")],
      ["carriage returns", (text) => text.replaceAll("\n", "\r\n")],
      ["words around it", (text) => `subject=CN - localhost\n${text}\nend\n`],
    ];
    for (const [name, write] of variants) {
      const certFile = certificate.file("odd_cert.pem", write(cert));
      const keyFile = certificate.file("odd_key.pem", write(key));
      const tls = {
        cert: readPem("--tls-cert", certFile, "a certificate"),
        key: readPem("--tls-key", keyFile, "a private key without a password"),
      };
      assertEquals([name, tls], [name, { cert, key }]);
    }
    const damaged = certificate.file(
      "damaged",
      `${cert}${cert.replace(/-----\n[^-]{9}/, "-----\n")}`,
    );
    const message = `--ca-cert is "${damaged}"; what it holds is not a valid certificate`;
    assertThrows(() => readPem("--ca-cert", damaged, "a certificate"), UsageError, message);
  },
});
