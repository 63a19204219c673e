/** The shared memory of a batch: which lines go through it, and the bell that a worker may wait for. */

import { assert, assertEquals } from "@std/assert";
import { BatchSlot, MAX_BATCH_BYTES } from "../lib/half_sync/batch_slot.ts";
import { until, within } from "./helpers/deadline.ts";
import { startServer } from "./helpers/server.ts";

Deno.test("BatchSlot takes lines that are ASCII and fit, and no others", () => {
  const slot = new BatchSlot();
  const full = "x".repeat(MAX_BATCH_BYTES);
  for (const lines of ["", "a\rb\nc", "\0\x7f", full]) {
    assert(slot.put(lines));
    assertEquals(slot.take(), lines);
  }
  // The last one: as UTF-8 it fills the memory to the last byte before it ends.
  for (const lines of ["\x80", "a\xff", `${full}x`, `${full.slice(0, -2)}\xe9\xe9`]) {
    assert(!slot.put(lines));
    assertEquals(slot.take(), undefined);
  }
});

Deno.test("BatchSlot lets no worker wait for a batch that has been told of by a message", () => {
  const slot = new BatchSlot();
  assert(slot.put("line"));
  assert(!slot.ring(), "nobody was waiting");
  const begun = performance.now();
  assert(!slot.waitForRing(10_000));
  assert(performance.now() - begun < 5000, "it waited all the same");
  assertEquals(slot.take(), "line");
});

Deno.test("BatchSlot lets a worker wait as long as it may, and not longer", () => {
  const slot = new BatchSlot();
  assert(!slot.waitForRing(5));
  assert(!slot.awaited);
  assert(slot.put("line"));
  assert(!slot.ring(), "whoever has gone to sleep needs a message");
});

Deno.test("BatchSlot hands a batch to a worker that waits for it, and is ready for the next one", async () => {
  const slot = new BatchSlot();
  const source = `
    import { BatchSlot } from ${
    JSON.stringify(import.meta.resolve("../lib/half_sync/batch_slot.ts"))
  };
    onmessage = ({ data }) => {
      const slot = new BatchSlot(data);
      for (let batch = 0; batch < 3; batch++) postMessage(slot.waitForRing(20_000) && slot.take());
    };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    type: "module",
  });
  try {
    const replies: unknown[] = [];
    const done = Promise.withResolvers<void>();
    worker.onmessage = ({ data }) => void (replies.push(data) === 3 && done.resolve());
    worker.postMessage(slot.memory);
    for (const lines of ["first", "second", "third"]) {
      await until(() => slot.awaited, "the worker to wait");
      assert(slot.put(lines));
      assert(slot.ring(), "it was waiting, and needs no message");
    }
    await within(done.promise, "the batches");
    assertEquals(replies, ["first", "second", "third"]);
  } finally {
    worker.terminate();
  }
});

Deno.test("JobLoop answers a client that waits, whichever way its lines travel", async () => {
  // ASCII lines go through the memory, others as messages, short ones one way, long ones another.
  await using server = await startServer({ workers: 2, maxLine: 1_000_000 });
  using client = await server.connect();
  const lines = ["plain", "", "é", "x".repeat(70_000), "ü".repeat(70_000), "y".repeat(300_000)];
  for (let round = 0; round < 100; round++) {
    const line = lines[round * 7 % lines.length];
    assertEquals((await client.ask(line)).slice(2), line);
    for (let quick = 0; quick < 20; quick++) {
      assertEquals((await client.ask(`${round} ${quick}`)).slice(2), `${round} ${quick}`);
    }
  }
});
