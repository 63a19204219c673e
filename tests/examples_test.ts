/** The handlers of docs/examples keep to their protocols: played as plain functions, without a server. */

import { assert, assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import * as agentCheck from "../docs/examples/agent_check.ts";
import * as finger from "../docs/examples/finger.ts";
import * as login from "../docs/examples/login.ts";
import * as postfixPolicy from "../docs/examples/postfix_policy.ts";
import * as postfixTable from "../docs/examples/postfix_table.ts";
import * as smtpSink from "../docs/examples/smtp_sink.ts";
import * as whois from "../docs/examples/whois.ts";
import { FakeConnection } from "./helpers/fake_context.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { ROOT } from "./helpers/program.ts";

const FOLDER = `${ROOT}docs/examples/`;
const MOST_LINES = 64;

Deno.test("examples are short, and their first lines say how each is served", () => {
  for (const { name, isFile } of Deno.readDirSync(FOLDER)) {
    if (!isFile) continue; // the programs of exec have a test of their own
    const lines = Deno.readTextFileSync(FOLDER + name).trimEnd().split("\n");
    assertLessOrEqual(lines.length, MOST_LINES, name);
    const head = lines.slice(0, 2).map((line) => line.replace(/^\/\/ /, "")).join(" ");
    assertMatch(head, new RegExp(`deno run -A main.ts .*--handler docs/examples/${name}\\b`), name);
  }
});

Deno.test("whois.ts answers one question in many lines, and hangs up", async () => {
  const known = new FakeConnection(whois);
  assertEquals(await known.say("Tea.Example ", "coffee.example"), [
    "Domain: tea.example",
    "Owner: Earl Grey",
    "Status: hot",
  ]);
  for (const name of ["milk.example", "constructor", ""]) {
    assertEquals(await new FakeConnection(whois).say(name), [`No match for "${name}".`]);
  }
});

Deno.test("finger.ts tells of a user, of all, and forwards nothing", async () => {
  const plan = ["Login: grace                Name: Grace Hopper", "Plan:"];
  const tells = [...plan, "Find the moth.", "Write it a compiler."];
  for (const line of ["grace", "/W grace", "/w  grace "]) {
    const connection = new FakeConnection(finger);
    assertEquals(await connection.say(line), tells, line);
    assert(connection.ended);
  }
  const all = ["ada       Ada Lovelace", "grace     Grace Hopper"];
  for (const line of ["", "/W", "/W "]) {
    assertEquals(await new FakeConnection(finger).say(line), all, line);
  }
  const refused = ["Finger forwarding service denied."];
  assertEquals(await new FakeConnection(finger).say("ada@elsewhere.example"), refused);
  assertEquals(await new FakeConnection(finger).say("/Wilma"), ["/Wilma: no such user."]);
});

Deno.test("agent_check.ts says how much the machine can take, and hangs up", async () => {
  const connection = new FakeConnection(agentCheck);
  const [reply, ...others] = await connection.open();
  const [, percent] = reply.match(/^up (\d+)%$/)!;
  assert(Number(percent) >= 1 && Number(percent) <= 100, reply);
  assertEquals(others, []);
  assert(connection.ended);
});

Deno.test("login.ts lets in with a password, and hangs up at the third wrong one", async () => {
  const known = new FakeConnection(login);
  assertEquals(await known.open(), ["Who are you?"]);
  assertEquals(await known.say("ada", "moth", "ada", "engine"), [
    "Password?",
    "That is wrong. Who are you?",
    "Password?",
    "Welcome, ada.",
  ]);
  assertEquals(await known.say("who", "what", "quit", "who"), [
    "ada",
    "Commands: who, quit.",
    "Goodbye.",
  ]);
  const stranger = new FakeConnection(login);
  await stranger.open();
  const tries = await stranger.say("eve", "a", "eve", "", "", "c", "ada", "engine");
  assertEquals(tries.filter((reply) => reply.startsWith("That")), [
    "That is wrong. Who are you?",
    "That is wrong. Who are you?",
    "That is wrong. Goodbye.",
  ]);
  assert(stranger.ended);
});

Deno.test("postfix_table.ts finds keys and encodes as tcp_table(5) has it", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("table.txt");
  Deno.writeTextFileSync(file, "# a comment\nada@example ada\ntwo  more words, 100%\nkäse café\n");
  const connection = new FakeConnection(postfixTable, file);
  const asked = ["ada@example", "%61da%40Example", "two", "k%C3%a4se", "#", "%FF", "%", "grace"];
  assertEquals(await connection.say(...asked.map((key) => `get ${key}`), "put a b", "", "get "), [
    "200 ada",
    "500 not found",
    "200 more%20words,%20100%25",
    "200 caf%C3%A9",
    "500 not found",
    "500 not found",
    "500 not found",
    "500 not found",
    "400 only get is known",
    "400 only get is known",
    "400 only get is known",
  ]);
});

/** The request of Postfix's SMTPD_POLICY_README, as far as the handler looks. */
function policyRequest(sender: string): string[] {
  return [
    "request=smtpd_access_policy",
    "protocol_state=RCPT",
    "helo_name=some.domain.tld",
    `sender=${sender}`,
    "recipient=bar@foo.tld",
    "ccert_fingerprint=C2:9D:F4:87:71:73:73:D9=",
    "",
  ];
}

Deno.test("postfix_policy.ts answers each request of a connection by itself", async () => {
  const connection = new FakeConnection(postfixPolicy, "spam.example", "junk.example");
  const asked = ["foo@bar.tld", "a@SPAM.example", "", "spam.example@b.tld"].flatMap(policyRequest);
  assertEquals(await connection.say(...asked, ""), [
    ...["action=DUNNO", ""],
    ...["action=REJECT no mail from spam.example", ""],
    ...["action=DUNNO", ""],
    ...["action=DUNNO", ""],
    ...["action=DUNNO", ""],
  ]);
  assert(!connection.ended);
  await connection.say(...Array.from({ length: 101 }, (_, index) => `name${index}=value`));
  assert(connection.ended, "a request without end");
});

Deno.test("smtp_sink.ts takes mail, command by command, and gives its dots back", async () => {
  using folder = new TemporaryFolder();
  const mails = folder.file("mail");
  const connection = new FakeConnection(smtpSink, mails);
  assertEquals(await connection.open(), ["220 sink ESMTP"]);
  assertEquals(await connection.say("ehlo me", "NOOP", "DATA", "RCPT TO:<a@b>", "HELP", ""), [
    "250-sink",
    "250-PIPELINING",
    "250 8BITMIME",
    "250 OK",
    "503 not now",
    "503 wrong time or form",
    "502 not known here",
    "502 not known here",
  ]);
  const envelope = ["mail from:<ada@example> SIZE=9", "RCPT TO: <b@c>", "RCPT TO:<d@e>", "DATA"];
  assertEquals((await connection.say(...envelope)).map((reply) => reply.slice(0, 3)), [
    "250",
    "250",
    "250",
    "354",
  ]);
  const text = ["Subject: dots", "", "QUIT", "..", "..two", "not..here", "", "."];
  assertEquals(await connection.say(...text), ["250 kept"]);
  const [file, ...others] = [...Deno.readDirSync(mails)];
  assertEquals(others, []);
  assertEquals(
    Deno.readTextFileSync(`${mails}/${file.name}`),
    "Return-Path: <ada@example>\r\nDelivered-To: b@c, d@e\r\n" +
      "Subject: dots\r\n\r\nQUIT\r\n.\r\n.two\r\nnot..here\r\n\r\n",
  );
  // The next mail begins anew; a bounce has an empty sender.
  assertEquals(await connection.say("RCPT TO:<a@b>", "MAIL FROM:<>", "MAIL FROM:<a@b>", "RSET"), [
    "503 wrong time or form",
    "250 OK",
    "503 wrong time or form",
    "250 OK",
  ]);
  assertEquals(await connection.say("QUIT", "NOOP"), ["221 good bye"]);
});

Deno.test("smtp_sink.ts hangs up when a mail has no end", async () => {
  const connection = new FakeConnection(smtpSink);
  await connection.open();
  await connection.say("HELO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA");
  const line = "x".repeat(1_000_000);
  assertEquals(await connection.say(...Array(20).fill(line)), ["552 too long"]);
  assert(connection.ended);
});
