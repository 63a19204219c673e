/** The shared memory of a batch: which lines go through it. */

import { assert, assertEquals } from "@std/assert";
import { BatchSlot, MAX_BATCH_BYTES } from "../lib/half_sync/batch_slot.ts";
import { startServer } from "./helpers/server.ts";

Deno.test("BatchSlot takes lines that are ASCII and fit, and no others", () => {
  const slot = new BatchSlot();
  const full = "x".repeat(MAX_BATCH_BYTES);
  const half = full.slice(0, MAX_BATCH_BYTES / 2);
  const good = [[""], ["a", "b\nc"], ["\0\x7f"], [full], ["", "a", ""], ["", half, "", "a\nb", ""]];
  for (const texts of good) {
    assert(slot.put(texts));
    assertEquals(slot.take(), texts.join("\r"));
  }
  const long = [`${full}x`, `${full.slice(0, -2)}\xe9\xe9`]; // as UTF-8 the last one is too long
  for (
    const texts of [["\x80"], ["a", "\xff"], long.slice(0, 1), long.slice(1), [half, half], [
      half,
      "\xff",
    ]]
  ) {
    assert(!slot.put(texts));
    assertEquals(slot.take(), undefined);
  }
});

Deno.test("BatchSlot makes its bells ready for the next batch, and tells of the load", () => {
  const slot = new BatchSlot();
  for (const light of [true, false]) {
    slot.open(light);
    assertEquals(slot.light, light);
    assert(!slot.done.rung, "open silences it");
    assert(slot.put(["line"]));
    slot.sent.ring();
    assert(slot.sent.rung, "the batch is told of");
    assertEquals(slot.take(), "line");
    assert(!slot.sent.rung, "take silences it");
    slot.done.ring();
    assert(slot.done.rung, "its end is told of");
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
