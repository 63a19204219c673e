/** Telnet: commands out of the text over any chunking, options refused and never for ever, 255 doubled. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { escapeTelnet, TelnetDecoder } from "../lib/half_async/telnet.ts";
import { TelnetTransport } from "../lib/half_async/telnet_transport.ts";
import { chunkings, strings } from "./helpers/chunkings.ts";
import { bytesOf, byteString } from "../scripts/tools/line_client.ts";
import { until } from "../scripts/tools/deadline.ts";
import { PlayedConn, restOf } from "./helpers/played_conn.ts";

const [NOP, DM, IP, AYT, SB, SE] = [
  "\xff\xf1",
  "\xff\xf2",
  "\xff\xf4",
  "\xff\xf6",
  "\xff\xfa",
  "\xff\xf0",
];
const [WILL, WONT, DO, DONT] = ["\xff\xfb", "\xff\xfc", "\xff\xfd", "\xff\xfe"];
const TIMING_MARK = "\x06";

/** What is left of a Synch, `IAC DM`, whose urgent byte is not delivered: PuTTY's, and inetutils'. */
const SYNCHS = ["\xff", "\xf2"];

/** Options that PuTTY 0.78 names at first: 24 bytes. */
const PUTTY = ["\x1f", "\x20", "\x18", "\x27"].map((option) => WILL + option).join("") + DO +
  "\x01" +
  WILL + "\x03" + DO + "\x03" + WILL + "\x05";

/** What becomes of a stream that comes in these chunks. */
function decode(chunks: string[]): { text: string; refusals: string } {
  let refusals = "";
  const decoder = new TelnetDecoder((refusal) => refusals += String.fromCharCode(...refusal));
  let text = "";
  for (const chunk of chunks) {
    const start = decoder.held;
    const bytes = bytesOf("?".repeat(start) + chunk);
    text += byteString(bytes.subarray(0, decoder.decode(bytes, start, bytes.length)));
  }
  return { text, refusals };
}

Deno.test("TelnetDecoder takes every command out, and refuses every option", () => {
  const cases: [stream: string, text: string, refusals: string][] = [
    ["hello\r\n", "hello\r\n", ""],
    [`he${NOP}ll${AYT}o${IP}${DM}\r${NOP}\n`, "hello\r\n", ""],
    ["\xff\xff", "\xff", ""],
    ["a\xff\xff\xff\xffb", "a\xff\xffb", ""],
    ["a\r\0b\r\nc\0\r\r\0\0", "a\rb\r\nc\0\r\r\0", ""],
    [`\r${NOP}\0a`, "\ra", ""],
    [`${DO}\x01${WILL}\x18x`, "x", `${WONT}\x01${DONT}\x18`],
    [`${DO}\x01${DO}\x01${WILL}\x01${DO}\x01`, "", `${WONT}\x01${DONT}\x01`],
    [`${DO}\xffx`, "x", `${WONT}\xff`],
    [`${WONT}\x01${DONT}\x18`, "", ""],
    [`${DO}\x06${DO}\x06${WILL}\x06${WILL}\x06`, "", `${WONT}\x06${WONT}\x06${DONT}\x06`],
    [`a${SB}\x18\0xterm${SE}b`, "ab", ""],
    [`a${SB}\xff\xff${NOP.slice(1)}\r\n${SE}b`, "ab", ""],
    [`a${SB}\x18no end${DO}\x01b`, "ab", `${WONT}\x01`],
    [`a${SB}\x18\xff\x05${SE}b`, "ab", ""],
    [`a${SE}b`, "ab", ""],
    [
      PUTTY,
      "",
      [..."\x1f\x20\x18\x27"].map((option) => DONT + option).join("") + `${WONT}\x01` +
      `${DONT}\x03${WONT}\x03${DONT}\x05`,
    ],
    ["line\n\xff", "line\n", ""],
    [`line\n${DO}`, "line\n", ""],
    [`line\n${SB}\x18`, "line\n", ""],
  ];
  for (const [stream, text, refusals] of cases) {
    for (const chunks of [[stream], [...stream]]) {
      assertEquals(decode(chunks), { text, refusals }, JSON.stringify(stream));
    }
  }
});

Deno.test("TelnetDecoder goes on behind a Synch whose urgent byte the system does not deliver", () => {
  const mark = `${DO}${TIMING_MARK}`;
  const cases = SYNCHS.flatMap((SYNCH): [stream: string, text: string, refusals: string][] => [
    // What inetutils-telnet sends for Ctrl-C, once and twice, and then a line.
    [`${IP}${mark}${SYNCH}hello\r\n`, "hello\r\n", `${WONT}\x06`],
    [`${IP}${mark}${SYNCH}${IP}${mark}${SYNCH}hello\r\n`, "hello\r\n", `${WONT}\x06${WONT}\x06`],
    [`${IP}${SYNCH}${mark}hello\r\n`, "hello\r\n", `${WONT}\x06`],
    [`${IP}${SYNCH}${NOP}hello\r\n`, "hello\r\n", ""],
    // Where the byte is delivered, and where none is sent.
    [`${IP}${DM}${mark}hello\r\n`, "hello\r\n", `${WONT}\x06`],
    [`${IP}\xff\xffhello\r\n`, "\xffhello\r\n", ""],
    [`${IP}\xff\xff\xff\xffhello\r\n`, "\xff\xffhello\r\n", ""],
    [`${IP}${DM}\xff\xff\xf4\r\n`, "\xff\xf4\r\n", ""],
    [`${IP}a\xff\xff\xf4\r\n`, "a\xff\xf4\r\n", ""],
    ["\xf2a\xf2\r\n", "\xf2a\xf2\r\n", ""],
  ]);
  for (const [stream, text, refusals] of cases) {
    for (const chunks of [[stream], [...stream]]) {
      assertEquals(decode(chunks), { text, refusals }, JSON.stringify(stream));
    }
  }
});

Deno.test("TelnetDecoder gives the same for every chunking of every short stream", () => {
  for (const stream of strings("\xff\xf4\xfa\xfd\xf0\r\0", 4)) {
    const whole = decode([stream]);
    for (const chunks of chunkings(stream)) {
      assertEquals(decode(chunks), whole, JSON.stringify(chunks));
    }
  }
  for (const stream of strings("\xff\xf4\xf2a", 7, 7)) {
    assertEquals(decode([...stream]), decode([stream]), JSON.stringify(stream));
  }
});

Deno.test("TelnetDecoder gives back what escapeTelnet has doubled", () => {
  for (const text of strings("\xff\xf4a\n", 6)) {
    assertEquals(decode([byteString(escapeTelnet(bytesOf(text)))]), { text, refusals: "" });
  }
  const plain = bytesOf("hello\n");
  assert(escapeTelnet(plain) === plain, "where there is nothing to double, nothing is copied");
});

Deno.test("TelnetDecoder does not skip a subnegotiation without an end for ever", () => {
  assertEquals(decode([SB + "x".repeat(4000) + SE + "a"]).text, "a");
  const error = assertThrows(() => decode([SB, ..."x".repeat(5000)]), Error);
  assertEquals(error.message, "it sent a Telnet subnegotiation longer than 4096 bytes");
});

Deno.test("TelnetDecoder refuses each option once, whatever comes: 512 refusals and timing marks", () => {
  const all = Array.from({ length: 256 }, (_, option) => String.fromCharCode(option))
    .map((option) => [WILL, WONT, DO, DONT].map((command) => command + option).join("")).join("");
  const { text, refusals } = decode([all, all, all]);
  assertEquals(text, "");
  assertEquals(refusals.length, 3 * (512 + 2));
});

/** A connection whose writes take as much as the test says, when it says so. */
class SlowConn extends PlayedConn {
  readonly asked: string[] = [];
  #take: ((count: number) => void) | undefined;

  override write(bytes: Uint8Array): Promise<number> {
    this.asked.push(byteString(bytes));
    return new Promise((resolve) => this.#take = resolve);
  }

  /** Takes the beginning of what is to be written, once something is. */
  async take(count: number): Promise<void> {
    await until(() => this.#take !== undefined, "a write");
    const take = this.#take!;
    this.#take = undefined;
    take(count);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("TelnetTransport puts no refusal into a reply", async () => {
  const conn = new SlowConn([`${DO}\x01`, `${DO}\x02`, `${DO}\x03`]);
  const telnet = new TelnetTransport(conn);
  const bytes = new Uint8Array(100);
  const first = telnet.write(bytesOf("1 hello\n"));
  assertEquals(await telnet.read(bytes), 0);
  await conn.take(3);
  assertEquals(await first, 3);
  assertEquals(await telnet.read(bytes), 0);
  const second = telnet.write(bytesOf("ello\n"));
  await conn.take(5);
  assertEquals(await second, 5);
  const third = telnet.write(bytesOf("2 more\n"));
  assertEquals(await telnet.read(bytes), 0);
  await conn.take(2);
  await conn.take(4);
  await conn.take(7);
  assertEquals(await third, 7);
  await conn.take(3);
  assertEquals(conn.asked, [
    "1 hello\n",
    "ello\n",
    `${WONT}\x01${WONT}\x02`,
    `\x01${WONT}\x02`,
    "2 more\n",
    `${WONT}\x03`,
  ]);
});

Deno.test("TelnetTransport doubles 255 in replies, and says how many of their bytes have left", async () => {
  const conn = new PlayedConn([]);
  const telnet = new TelnetTransport(conn);
  const reply = bytesOf("\xff1 \xff\xff".repeat(10_000) + "\n");
  for (let sent = 0; sent < reply.length;) sent += await telnet.write(reply.subarray(sent));
  assertEquals(conn.written.length, reply.length + 30_000);
  const { text } = decode([byteString(Uint8Array.from(conn.written))]);
  assertEquals(text, byteString(reply));
});

Deno.test("TelnetTransport keeps few refusals for a client that does not read", async () => {
  const marks = `${DO}${TIMING_MARK}`.repeat(1000);
  const conn = new SlowConn(Array(50).fill(marks));
  const telnet = new TelnetTransport(conn);
  const bytes = new Uint8Array(10_000);
  for (let count: number | null = 0; count !== null;) count = await telnet.read(bytes);
  await conn.take(conn.asked[0].length);
  await until(() => conn.asked.length > 1, "the others");
  await conn.take(conn.asked[1].length);
  const total = conn.asked.join("").length;
  assertEquals(conn.asked.length, 2);
  assert(total < 4000, `${total} bytes`);
});

Deno.test("TelnetTransport lets others have their turn beside a flood of commands", async () => {
  const telnet = new TelnetTransport(new PlayedConn(Array(200).fill(NOP.repeat(8192))));
  let turns = 0;
  const timer = setInterval(() => turns++);
  const bytes = new Uint8Array(80 * 1024);
  while (await telnet.read(bytes) !== null);
  clearInterval(timer);
  assert(turns > 50, `${turns} turns of the event loop`);
});

Deno.test("TelnetTransport ends where the client ends, also within a command", async () => {
  for (const end of ["\xff", DO, SB, `${SB}\x18\xff`, `${IP}\xff\xff`]) {
    assertEquals(await restOf(new TelnetTransport(new PlayedConn(["hello\n", end]))), "hello\n");
  }
});

Deno.test("TelnetTransport fails to read where a subnegotiation has no end", async () => {
  const telnet = new TelnetTransport(new PlayedConn(["hello\n", SB + "x".repeat(5000)]));
  const bytes = new Uint8Array(6);
  assertEquals(await telnet.read(bytes), 6);
  await assertRejects(
    async () => {
      while (await telnet.read(bytes) !== null);
    },
    Error,
    "longer than 4096 bytes",
  );
});
