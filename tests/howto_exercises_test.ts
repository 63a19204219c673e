/** The howto's exercises: each solution does what its exercise says must hold. */

import { assertEquals, assertGreater, assertLess, assertMatch, assertRejects } from "@std/assert";
import { lines } from "../docs/howto/02_lines.ts";
import { queue, run, take } from "../docs/howto/06_queue.ts";
import { BatchSize } from "../docs/howto/solutions/batch_size.ts";
import { runUnless } from "../docs/howto/solutions/cancel.ts";
import { limited, TOO_LONG } from "../docs/howto/solutions/longest_line.ts";
import { MonitorQueue } from "../docs/howto/solutions/monitor.ts";
import { Resequencer } from "../docs/howto/solutions/resequencer.ts";
import { Turns } from "../docs/howto/solutions/turns.ts";
import { Gate } from "../docs/howto/solutions/water_marks.ts";
import { HOWTO } from "../scripts/howto/pages.ts";
import { bytesOf, LineClient } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { signal } from "../scripts/tools/process.ts";
import { again } from "./helpers/again.ts";
import { Log } from "./helpers/program.ts";
import { freePort } from "./helpers/free_port.ts";
import { RealProgram, realTest } from "./helpers/real_program.ts";
import { LONG } from "./helpers/long.ts";

/** A connection of which each read gives a chunk, a byte string. */
function played(chunks: readonly string[]): Pick<Deno.Conn, "read"> & { at: number } {
  return {
    at: 0,
    read(into) {
      const chunk = chunks[this.at++];
      if (chunk === undefined) return Promise.resolve(null);
      into.set(bytesOf(chunk));
      return Promise.resolve(chunk.length);
    },
  };
}

Deno.test("howto exercise 1 has the trace that its solution prints", async () => {
  const conn = played(["\r", "\n\n", "\xc3", "\xa9"]);
  const out: [number, string][] = [];
  for await (const line of lines(conn)) out.push([conn.at, line]);
  assertEquals(out, [[1, ""], [2, ""], [5, "é"]]);
});

Deno.test("howto exercise 2 tells of a line that is too long, and goes on behind it", async () => {
  const text = "abc\nabcd\nab\n";
  for (const size of [1, 2, 3, 5, 20]) {
    const chunks = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
    const found = await Array.fromAsync(limited(played(chunks), 3));
    assertEquals(found, ["abc", TOO_LONG, "ab"], `chunks of ${size}`);
  }
  const conn = played(Array.from({ length: 250 }, () => "x".repeat(4096)));
  const long = limited(conn, 1000);
  assertEquals((await long.next()).value, TOO_LONG);
  assertEquals(conn.at, 1);
  assertEquals((await long.next()).done, true);
});

Deno.test(
  "howto exercise 3 takes a job out of the queue when its client has left",
  LONG,
  async () => {
    const left = new AbortController();
    const first = assertRejects(() => runUnless("first", left.signal), DOMException);
    const second = runUnless("second", new AbortController().signal);
    left.abort();
    await first;
    const job = await take();
    assertEquals([job.line, queue.length], ["second", 0]);
    job.reply("done");
    assertEquals(await second, "done");
    await assertRejects(() => runUnless("third", left.signal), DOMException);
    assertEquals(queue.length, 0);
  },
);

Deno.test("howto exercise 3 lets a job go on that a worker has", LONG, async () => {
  const left = new AbortController();
  const taken = take();
  const reply = assertRejects(() => runUnless("begun", left.signal), DOMException);
  const other = run("other");
  left.abort();
  await reply;
  assertEquals((await taken).line, "begun");
  (await take()).reply("done");
  assertEquals(await other, "done");
});

Deno.test("howto exercise 4 passes replies on in the order of the tickets", () => {
  const passed: string[] = [], held: number[] = [];
  const order = new Resequencer<string>((reply) => passed.push(reply));
  const [a, b, c] = [order.ticket(), order.ticket(), order.ticket()];
  const seen = [() => c("c"), () => a("a"), () => b("b")].map((reply) => {
    reply();
    held.push(order.held);
    return passed.join("");
  });
  assertEquals(held, [1, 1, 0]);
  assertEquals(seen, ["", "a", "abc"]);
});

Deno.test("howto exercise 5 lets nobody in between its marks", LONG, async () => {
  const gate = new Gate(4, 1);
  let inside = 0, most = 0;
  const enter = () => gate.enter().then(() => most = Math.max(most, ++inside));
  const leave = async () => {
    inside--;
    gate.leave();
    await new Promise((turn) => setTimeout(turn));
  };
  await Promise.all([enter(), enter(), enter(), enter()]);
  const late = [enter(), enter(), enter(), enter(), enter()];
  await leave();
  await leave();
  assertEquals(inside, 2);
  await leave();
  assertEquals([inside, most], [4, 4]); // one was left, and three came in
  await leave();
  await leave();
  await leave();
  await Promise.all(late);
  assertEquals([inside, most], [3, 4]);
});

Deno.test("howto exercise 6 gives turns to connections", () => {
  const turns = new Turns<string, string>();
  for (const job of ["a1", "a2", "a3", "b1", "c1", "c2"]) turns.push(job[0], job);
  const out = Array.from({ length: 7 }, () => turns.shift());
  assertEquals(out, ["a1", "b1", "c1", "a2", "c2", "a3", undefined]);
});

/** Stops the solution of exercise 7, once or twice, while it has these lines. @returns its exit code */
async function stopWith(lines: string, twice: boolean): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "solutions/stop_deadline.ts", "0"],
    cwd: HOWTO,
    stdout: "piped",
  }).spawn();
  const log = new Log(child.stdout);
  try {
    const [, port] = await log.waitFor(/^listening on .*:(\d+)$/m);
    const addr = { transport: "tcp", hostname: "127.0.0.1", port: Number(port) } as const;
    using client = await LineClient.connect(addr);
    await client.send("10\n10\n"); // one for each worker: both have booted then
    for (const reply of await client.replies(2)) assertMatch(reply, /^\d fib\(10\) = 55$/);
    await client.send(`10\n${lines}`);
    await client.reply();
    child.kill("SIGINT");
    await log.waitFor(/^stopping;/m);
    if (twice) child.kill("SIGINT");
    return (await within(child.status, "the stop")).code;
  } finally {
    signal(child, "SIGKILL");
    await child.status;
    await log.end;
  }
}

for (
  const [lines, twice, code] of [["", false, 0], ["99\n", false, 1], ["99\n", true, 130]] as const
) {
  const name = `howto exercise 7 exits with ${code} when stopped ${twice ? "twice" : "once"}`;
  Deno.test(`${name}${lines === "" ? "" : " while a job hangs"}`, LONG, () =>
    // Its stop has a second, and its jobs have two: a machine that is too busy mixes them up.
    again(async () => assertEquals(await stopWith(lines, twice), code)));
}

Deno.test("howto exercise 8 makes batches of what lines cost", () => {
  const size = new BatchSize();
  const sizes = [size.lines];
  for (let batch = 0; batch < 30; batch++) {
    size.ran(size.lines, size.lines * 0.01);
    sizes.push(size.lines);
  }
  assertEquals([sizes[0], sizes.at(-1)], [1, 50]);
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  assertLess(sizes[2], 10);
  size.ran(50, 400); // a slow line among quick ones
  assertEquals(size.lines, 1);
  assertGreater(sizes.length, 30);
});

Deno.test(
  "howto exercise 9 loses no item and no notification between four threads",
  LONG,
  async () => {
    const { memory } = new MonitorQueue(4);
    const sums = ["producer", "consumer", "consumer", "producer"].map(async (name) => {
      const url = new URL("solutions/monitor_worker.ts", HOWTO);
      const worker = new Worker(url, { type: "module", name });
      try {
        const told = Promise.withResolvers<number>();
        worker.onmessage = ({ data }) => told.resolve(data);
        worker.onerror = ({ message }) => told.reject(new Error(message));
        worker.postMessage(memory);
        return await within(told.promise, name, 60_000);
      } finally {
        worker.terminate();
      }
    });
    const total = (await Promise.all(sums)).reduce((sum, each) => sum + each);
    assertEquals(total, 2 * 1000 * 1001 / 2);
  },
);

realTest("howto exercise 10 serves in the thread that got the event", ["python3"], async () => {
  const port = freePort();
  const solution = new URL("solutions/leader_followers.py", HOWTO).pathname;
  await using _server = await RealProgram.start("python3", { args: [solution, `${port}`] }, port);
  const addr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port };
  using slow = await LineClient.connect(addr);
  using quick = await LineClient.connect(addr);
  await slow.send("2 first\nsecond\n");
  const came: string[] = [];
  await Promise.all([
    slow.replies(2).then((replies) => came.push(...replies)),
    quick.ask("quick").then((reply) => came.push(reply)),
  ]);
  assertEquals(came.map((reply) => reply.replace(/^\d+ /, "")), ["quick", "2 first", "second"]);
  const [first, second] = came.slice(1).map((reply) => reply.split(" ")[0]);
  assertEquals(first, second); // the thread that read the lines has done their jobs
});
