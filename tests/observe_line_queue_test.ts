/** The queue in front of the log: in order, bounded, and never in the reactor's way. */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { type ByteSink, LineQueue } from "../lib/observe/line_queue.ts";
import { within } from "../scripts/tools/deadline.ts";

/** A stream that takes what the test lets it take. */
class FakeSink implements ByteSink {
  text = "";
  /** What the next writes do, in turn; behind them all is taken. */
  readonly turns: ((bytes: Uint8Array) => number | Promise<number>)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    const count = await (this.turns.shift()?.(bytes) ?? bytes.length);
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    return count;
  }
}

/** A queue in front of such a stream, and what it has told. */
function queueTo(sink: ByteSink) {
  const told = { lost: 0, reason: "", drained: 0 };
  const queue = new LineQueue({
    sink: () => sink,
    lost(lines, reason) {
      told.lost += lines;
      told.reason = reason;
    },
    drained: () => void told.drained++,
  });
  return { queue, told };
}

const LINES = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);

Deno.test("LineQueue writes lines in order where a stream takes them in pieces", async () => {
  const sink = new FakeSink();
  sink.turns.push(
    () => 3,
    () => Promise.reject(new Deno.errors.WouldBlock("Resource temporarily unavailable")),
    () => 1,
  );
  const { queue, told } = queueTo(sink);
  for (const line of LINES) queue.write(line);
  await queue.flush(20_000);
  assertEquals(sink.text, LINES.join(""));
  assertEquals(told, { lost: 0, reason: "", drained: 1 });
});

Deno.test("LineQueue keeps a bounded number of lines for a reader that is stuck, and counts the others", async () => {
  const sink = new FakeSink();
  const stuck = Promise.withResolvers<number>();
  sink.turns.push(() => stuck.promise);
  const { queue, told } = queueTo(sink);
  const lines = Array.from({ length: 30_000 }, (_, index) => `${index}`.padEnd(99) + "\n");
  for (const line of lines) queue.write(line);
  await within(queue.flush(1), "a flush that gives up");
  assertEquals(told.drained, 0);
  assertGreater(told.lost, 15_000);
  assertLess(told.lost, 30_000);
  stuck.resolve(4000); // the first write holds forty lines
  await queue.flush(20_000);
  assertEquals(sink.text, lines.slice(0, lines.length - told.lost).join(""));
  assertEquals(told.drained, 1);
  queue.write("again\n");
  await queue.flush(20_000);
  assertEquals(sink.text.endsWith("\nagain\n"), true);
});

Deno.test("LineQueue goes on behind lines that could not be written", async () => {
  const sink = new FakeSink();
  const full = new Error("No space left on device (os error 28)");
  sink.turns.push(() => Promise.reject(full));
  const { queue, told } = queueTo(sink);
  queue.write("lost\n");
  queue.write("too\n");
  await queue.flush(20_000);
  assertEquals(told, { lost: 2, reason: "No space left on device", drained: 0 });
  queue.write("kept\n");
  await queue.flush(20_000);
  assertEquals([sink.text, told.drained], ["kept\n", 1]);
});
