/** The stock of buffers: what is in use is nobody else's. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Activity } from "../lib/half_async/activity.ts";
import { giveBuffer, roundUp, takeBuffer } from "../lib/half_async/buffer_stock.ts";

Deno.test("takeBuffer gives a buffer of the size asked for, that nobody else has", () => {
  for (const size of [1, 2, 511, 512, 513, 4096, 65_536, 262_144, 262_145, 1_000_000]) {
    const [first, second] = [takeBuffer(size), takeBuffer(size)];
    assertEquals([first.length, second.length], [size, size]);
    assert(first.buffer !== second.buffer, `one buffer twice for ${size} bytes`);
    giveBuffer(first);
    const third = takeBuffer(size);
    assert(third.buffer !== second.buffer, `a buffer in use was given for ${size} bytes`);
    giveBuffer(second);
    giveBuffer(third);
  }
});

Deno.test("roundUp gives the next power of two, up to 256 KiB", () => {
  const sizes = [1, 2, 3, 4096, 4097, 262_144, 262_145, 50_000_000];
  assertEquals(sizes.map(roundUp), [1, 2, 4, 4096, 8192, 262_144, 262_145, 50_000_000]);
});

Deno.test("giveBuffer keeps 2 MiB of one size, and no more", () => {
  const size = 256 * 1024;
  const taken = Array.from({ length: 20 }, () => takeBuffer(size));
  for (const buffer of taken) giveBuffer(buffer);
  const again = Array.from({ length: 20 }, () => takeBuffer(size));
  assertEquals(again.filter((buffer) => taken.includes(buffer)).length, 8);
});

Deno.test("Activity counts from the first question after bytes have moved", async () => {
  const activity = new Activity();
  assertEquals(activity.quietFor(), 0);
  await new Promise((resolve) => setTimeout(resolve, 20)); // what it measures is time
  assertGreaterOrEqual(activity.quietFor(), 15);
  activity.note();
  assertEquals(activity.quietFor(), 0, "bytes have moved since");
});
