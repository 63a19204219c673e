/**
 * The howto's Twisted side: its page is played, each downside shows itself without a measurement, and the
 * next step's cure holds. Left out where no Python has Twisted (Debian: python3-twisted).
 */

import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { HOWTO } from "../scripts/howto/pages.ts";
import { play } from "../scripts/howto/transcript.ts";
import { LineClient } from "../scripts/tools/line_client.ts";
import { again } from "./helpers/again.ts";
import { TWISTED, TwistedStep, twistedTest } from "./helpers/twisted_step.ts";

const PAGE = Deno.readTextFileSync(new URL("twisted/README.md", HOWTO));

/** Replies without the IDs of the threads that gave them. */
function withoutIds(replies: readonly string[]): string[] {
  return replies.map((reply) => reply.replace(/^\d+ /, ""));
}

async function text(client: LineClient): Promise<string> {
  return new TextDecoder().decode(await client.rest());
}

twistedTest("howto/twisted/README.md prints what really appears", async () => {
  // The page shows what a client loses that half-closes early. Where cores are busy, one that is to wait may
  // start so late that it does so, too.
  await again(() => play(PAGE, TWISTED));
});

for (const step of ["01_defer.py", "02_lines.py", "03_order.py", "04_stop.py"]) {
  twistedTest(`howto/twisted/${step} says in one line that its port is taken`, async () => {
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = [TwistedStep.path(step), `${other.addr.port}`];
    const { code, stderr } = await new Deno.Command(TWISTED!, { args }).output();
    assertMatch(new TextDecoder().decode(stderr), /^cannot listen: .*\n$/);
    assertEquals(code, 1);
  });
}

twistedTest("howto/twisted/01_defer.py takes a chunk for a request", async () => {
  await using step = await TwistedStep.start("01_defer.py");
  using client = await LineClient.connect(step.addr);
  await client.send("one\ntwo\n");
  assertMatch(await client.reply(), /^\d+ one$/);
  assertEquals(await client.reply(), "two");
});

twistedTest("howto/twisted/01_defer.py loses the reply of a client that half-closes", async () => {
  await using step = await TwistedStep.start("01_defer.py");
  using client = await LineClient.connect(step.addr);
  await client.send("9 tea\n");
  await client.finish();
  assertEquals(await text(client), "");
});

twistedTest("howto/twisted/02_lines.py finds lines however they are cut", async () => {
  await using step = await TwistedStep.start("02_lines.py");
  const input = "a\r\n\rb\n\nc\r";
  for (const chunks of [[input], [...input], ["a\r", "\n\r", "b\n\n", "c\r"]]) {
    using client = await LineClient.connect(step.addr);
    for (const chunk of chunks) await client.send(chunk);
    assertEquals(withoutIds(await client.replies(5)).sort(), ["", "", "a", "b", "c"]);
  }
});

twistedTest("howto/twisted/02_lines.py lets a quick line overtake a slow one", async () => {
  await using step = await TwistedStep.start("02_lines.py");
  using client = await LineClient.connect(step.addr);
  await client.send("2 first\nsecond\n");
  assertEquals(withoutIds(await client.replies(2)), ["second", "2 first"]);
});

twistedTest("howto/twisted/03_order.py replies in the order of the lines", async () => {
  await using step = await TwistedStep.start("03_order.py");
  using client = await LineClient.connect(step.addr);
  await client.send("0.5 first\n1x\nlast");
  await client.finish();
  const replies = (await text(client)).split("\n");
  assertEquals(withoutIds(replies), [
    "0.5 first",
    "ERR could not convert string to float: b'1x'",
    "last",
    "",
  ]);
});

twistedTest("howto/twisted/03_order.py works on after its stop, and for nobody", async () => {
  await using step = await TwistedStep.start("03_order.py");
  using client = await LineClient.connect(step.addr);
  await client.send("0.5 x\n".repeat(120)); // ten threads: twelve rounds of half a second
  await client.reply(); // the second round begins
  const start = performance.now();
  step.kill("SIGINT");
  const lost = 120 - (await text(client)).split("\n").length;
  await step.ended();
  assertGreaterOrEqual(performance.now() - start, 700);
  assertGreaterOrEqual(lost, 10); // the last round at least
});

twistedTest("howto/twisted/04_stop.py answers what it has read, and then ends", async () => {
  await using step = await TwistedStep.start("04_stop.py");
  using client = await LineClient.connect(step.addr);
  await client.send("0.3 a\n0.3 b\n0.3 c\n0.3 d\nhalf a line");
  assertMatch(await client.reply(), /^\d+ 0.3 a$/);
  step.kill("SIGINT");
  assertEquals(withoutIds((await text(client)).split("\n")), ["0.3 b", "0.3 c", "0.3 d", ""]);
  assertEquals((await step.ended()).code, 0);
  assertMatch(step.output, /^stopped: at most 4 lines of a connection were under way$/m);
});

twistedTest(
  "howto/twisted/04_stop.py has eight lines of a connection under way at most",
  async () => {
    await using step = await TwistedStep.start("04_stop.py");
    using client = await LineClient.connect(step.addr);
    await client.send("0 x\n".repeat(2000) + "last");
    await client.finish();
    const replies = (await text(client)).trimEnd().split("\n");
    assertEquals(withoutIds(replies.slice(-2)), ["0 x", "last"]);
    assertEquals(replies.length, 2001);
    assert(new Set(replies.map((reply) => reply.split(" ")[0])).size <= 2, "two threads");
    step.kill("SIGINT");
    await step.ended();
    assertMatch(step.output, /^stopped: at most 8 lines of a connection were under way$/m);
  },
);

twistedTest("howto/twisted/04_stop.py ends by its deadline when a job hangs", async () => {
  await using step = await TwistedStep.start("04_stop.py");
  using client = await LineClient.connect(step.addr);
  await client.send("now\n600 hangs\n"); // one chunk: with the reply, both have been read
  await client.reply();
  step.kill("SIGINT");
  assertEquals((await step.ended()).code, 1);
});
