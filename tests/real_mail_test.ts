/** Real mail programs at the examples: Postfix whole, its postmap, swaks, and Python's smtplib. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { until } from "../scripts/tools/deadline.ts";
import { ExampleServer } from "./helpers/example_server.ts";
import { freePort } from "./helpers/free_port.ts";
import { type Outcome, realTest, runProgram } from "./helpers/real_program.ts";
import { Postfix } from "./helpers/real_postfix.ts";

const PYTHON = "/usr/bin/python3";

/** The mails that smtp_sink.ts has kept. */
function mailsOf(sink: ExampleServer): string[] {
  try {
    return [...Deno.readDirSync(sink.file("mail"))]
      .map(({ name }) => Deno.readTextFileSync(sink.file(`mail/${name}`)));
  } catch {
    return []; // it makes the folder for its first mail
  }
}

realTest("postfix_table.ts answers 1 000 keys of postmap", ["postmap"], async () => {
  const keys = Array.from(
    { length: 1000 },
    (_, index) => `user ${index}+ä%@example`.replace(" ", "_"),
  );
  const table = keys.map((key, index) => `${key} box ${index}, 100% for ${key}\n`).join("");
  await using server = await ExampleServer.start("postfix_table.ts", {
    files: { "table.txt": table },
  });
  const asked = keys.flatMap((key) => [key, `no ${key}`]).join("\n");
  const { stdout, stderr } = await runProgram("postmap", {
    args: ["-q", "-", `tcp:127.0.0.1:${server.port}`],
    input: asked + "\n",
  });
  assertEquals(stderr, "");
  assertEquals(stdout, table.replaceAll(/ (.*)/g, "\t$1"));
});

/** Sends a mail by swaks. */
function swaks(port: number, from: string, text = "hello"): Promise<Outcome> {
  const addresses = ["--from", from, "--to", "ada@mail.example"];
  const data = `Subject: swaks\\n\\n${text}\\n`;
  return runProgram("swaks", {
    args: ["--server", `127.0.0.1:${port}`, ...addresses, "--data", data],
  });
}

realTest("smtp_sink.ts keeps the mail of swaks", ["swaks"], async () => {
  await using sink = await ExampleServer.start("smtp_sink.ts");
  const { code, stdout } = await swaks(sink.port, "a@b.example", ".dot\\n..\\nend");
  assertEquals(code, 0, stdout);
  assertMatch(stdout, /250-sink\r?\n.*250-PIPELINING\r?\n.*250 8BITMIME/);
  const [mail, ...others] = mailsOf(sink);
  assertEquals(others, []);
  assertStringIncludes(
    mail,
    "Delivered-To: ada@mail.example\r\nSubject: swaks\r\n\r\n.dot\r\n..\r\nend\r\n",
  );
});

realTest("smtp_sink.ts keeps the mail of Python's smtplib", [PYTHON], async () => {
  await using sink = await ExampleServer.start("smtp_sink.ts");
  const script = `
import smtplib
server = smtplib.SMTP("127.0.0.1", ${sink.port}, timeout=15)
for number in range(3):
    text = "Subject: %d\\r\\n\\r\\n.\\r\\n..\\r\\n%s" % (number, "line\\r\\n" * 1000)
    print(server.sendmail("a@b.example", ["c@d.example", "e@f.example"], text))
try:
    server.sendmail("a@b.example", [""], "text")
except smtplib.SMTPRecipientsRefused as error:
    print(error.recipients[""][0])
print(server.quit())
`;
  const { stdout, stderr } = await runProgram(PYTHON, { args: ["-c", script] });
  assertEquals(stderr, "");
  assertEquals(stdout, "{}\n{}\n{}\n503\n(221, b'good bye')\n");
  const mails = mailsOf(sink).sort();
  const expected = [0, 1, 2].map((number) =>
    "Return-Path: <a@b.example>\r\nDelivered-To: c@d.example, e@f.example\r\n" +
    `Subject: ${number}\r\n\r\n.\r\n..\r\n${"line\r\n".repeat(1000)}`
  );
  assertEquals(mails, expected);
});

realTest(
  "Postfix asks postfix_policy.ts and postfix_table.ts, and delivers to smtp_sink.ts",
  [...Postfix.PROGRAMS, "swaks"],
  async () => {
    await using policy = await ExampleServer.start("postfix_policy.ts");
    await using table = await ExampleServer.start("postfix_table.ts", {
      files: { "table.txt": "ada@mail.example countess@far.example\n" },
    });
    await using sink = await ExampleServer.start("smtp_sink.ts");
    const port = freePort();
    await using postfix = await Postfix.start(port, {
      policy: policy.port,
      table: table.port,
      relay: sink.port,
    });
    const send = (from: string) =>
      swaks(port, from).catch((error) => {
        throw new Error(`${error.message}\n${postfix.output}`);
      });
    const refused = await send("a@spam.example");
    assertMatch(refused.stdout, /<\*\* 554 .*no mail from spam\.example/);
    const taken = await send("a@good.example");
    assertEquals(taken.code, 0, taken.stdout + postfix.output);
    await until(() => mailsOf(sink).some((mail) => mail !== ""), "the mail's delivery");
    const [mail] = mailsOf(sink);
    assertStringIncludes(mail, "Return-Path: <a@good.example>\r\n");
    assertStringIncludes(mail, "Delivered-To: countess@far.example\r\n", postfix.output);
    await until(() => /status=sent \(250 kept\)/.test(postfix.output), "its log line");
    assert(!postfix.output.includes("warning"), postfix.output);
  },
);
