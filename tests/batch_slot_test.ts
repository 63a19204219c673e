/** The shared memory of a batch: which lines go through it. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { BatchSlot, MAX_BATCH_BYTES } from "../lib/half_sync/memory/batch_slot.ts";
import { LONG } from "./helpers/long.ts";
import { startServer } from "./helpers/server.ts";
import { writeAll } from "../lib/half_async/transport.ts";

/** Runs of these texts, each with a header. */
const runsOf = (texts: string[]) =>
  texts.map((text, index) => ({ header: `lines ${index}`, text }));

/** The texts of a slot's runs. */
function textsIn(slot: BatchSlot): (string | undefined)[] {
  const runs = slot.read()!;
  return Array.from({ length: runs.length }, (_, run) => runs.at(run));
}

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
    assertEquals(textsIn(slot), texts.map((text, index) => `lines ${index}\n${text}`));
    assertEquals(slot.ascii, ascii.includes(texts));
  }
  for (const texts of [[`${full}x`], [half, half], ["\xff".repeat(full.length + 1)]]) {
    assert(!slot.fill(runsOf(texts)));
    assertEquals(slot.read(), undefined);
  }
});

Deno.test("BatchSlot.fill goes by no word of the memory, where a handler may write at any moment", () => {
  // It went by the number of runs that it had put there: another one ended the server by a TypeError.
  for (const value of [-1, 1 << 30]) {
    const slot = new BatchSlot();
    const text = "x".repeat(2000);
    const spoilt = {
      header: "lines 0",
      get text() {
        new Int32Array(slot.memory, 0, 7).fill(value); // as the worker's thread would
        return text;
      },
    };
    assert(slot.fill([spoilt, { header: "lines 1", text }]));
  }
});

Deno.test("BatchSlot.revoke tells that a handler has written into the count of lines started", () => {
  // It took the mark of a revocation, written there, for "no line was started": the line ran for ever.
  for (const value of [-1, 1 << 30, (1 << 30) + 1, -(2 ** 31)]) {
    const slot = new BatchSlot();
    assert(slot.fill(runsOf(["a\nb"])));
    assert(slot.claim());
    new Int32Array(slot.memory, 0, 7).fill(value);
    assertEquals(slot.revoke(), value < 0 ? value : -1);
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

Deno.test({
  name: "JobLoop keeps no text of lines that are answered: its heap stays small",
  ...LONG,
  fn: async () => {
    // Texts of whole batches, some kept until the next was read, made it 24 to 30 MiB here; it has 11 without.
    const source = `import v8 from "node:v8";
      export default (line) => line === "heap" ? \`\${v8.getHeapStatistics().total_heap_size}\` : line;`;
    await using server = await startServer({ workers: 1, source });
    const window = new TextEncoder().encode(`${"x".repeat(1023)}\n`.repeat(64));
    const flood = async () => {
      using conn = await Deno.connect({ port: (server.addr as Deno.NetAddr).port });
      const buffer = new Uint8Array(2 * window.length);
      for (let round = 0; round < 300; round++) {
        await writeAll(conn, window);
        for (let left = window.length; left > 0;) left -= await conn.read(buffer) ?? NaN;
      }
    };
    await Promise.all(Array.from({ length: 16 }, flood));
    using client = await server.connect();
    assertLess(Number(await client.ask("heap")) / 2 ** 20, 18, "MiB");
  },
});
