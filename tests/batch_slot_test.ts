/** The shared memory of a batch: which lines go through it. */

import { assert, assertEquals } from "@std/assert";
import { BatchSlot, MAX_BATCH_BYTES, textOf } from "../lib/half_sync/memory/batch_slot.ts";
import { startServer } from "./helpers/server.ts";

/** Runs of these texts, each with a header. */
const runsOf = (texts: string[]) =>
  texts.map((text, index) => ({ header: `lines ${index}`, text }));

Deno.test("BatchSlot takes lines of any bytes, if they fit", () => {
  const slot = new BatchSlot();
  const full = "x".repeat(MAX_BATCH_BYTES);
  const half = full.slice(0, MAX_BATCH_BYTES / 2);
  const ascii = [[""], ["a", "b\nc"], ["\0\x7f"], [full], ["", "a", ""], [
    "",
    half,
    "",
    "a\nb",
    "",
  ]];
  const others = [["\x80"], ["a", "\xff"], ["\xef\xbb\xbfa"], [half, "\xe9"], [
    "\xff".repeat(full.length),
  ]];
  for (const texts of [...ascii, ...others]) {
    assert(slot.fill(runsOf(texts)));
    assertEquals(slot.read(), textOf(runsOf(texts)));
    assertEquals(slot.ascii, ascii.includes(texts));
  }
  for (const texts of [[`${full}x`], [half, half], ["\xff".repeat(full.length + 1)]]) {
    assert(!slot.fill(runsOf(texts)));
    assertEquals(slot.read(), undefined);
  }
});

Deno.test("JobLoop answers a client that waits, whichever way its lines travel", async () => {
  // Most lines go through the memory, long ones as messages.
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
