/** The read buffer of a connection: as large as what comes at once, and small again when little comes. */

import { assertEquals, assertGreater } from "@std/assert";
import { ReadBuffer } from "../lib/half_async/read_buffer.ts";

const KIB = 1024;

/** Reads a burst of so many bytes, all there at once. @returns what each read brought */
function receive(buffer: ReadBuffer, bytes: number): number[] {
  const reads: number[] = [];
  for (let left = bytes; left > 0;) {
    const count = Math.min(left, buffer.bytes.length);
    reads.push(count);
    buffer.adapt(count);
    left -= count;
  }
  return reads;
}

Deno.test("ReadBuffer takes a burst in one read when the one before it was as long", () => {
  for (const size of [1, 4 * KIB, 512 * 33, 33 * KIB, 64 * 1025]) {
    const buffer = new ReadBuffer();
    assertEquals(receive(buffer, size).reduce((sum, count) => sum + count), size);
    for (let round = 0; round < 20; round++) assertEquals(receive(buffer, size), [size]);
    buffer.close();
  }
});

Deno.test("ReadBuffer stays large enough when small reads come between bursts", () => {
  const buffer = new ReadBuffer();
  receive(buffer, 16 * KIB);
  for (let round = 0; round < 20; round++) {
    receive(buffer, 33);
    assertEquals(receive(buffer, 15 * KIB), [15 * KIB]);
  }
  buffer.close();
});

Deno.test("ReadBuffer begins with 4 KiB, never has more than 80, and has 4 again in the end", () => {
  const buffer = new ReadBuffer();
  assertEquals(buffer.bytes.length, 4 * KIB);
  assertEquals(Math.max(...receive(buffer, 10_000 * KIB)), 80 * KIB);
  let reads = 0;
  for (; buffer.bytes.length > 4 * KIB && reads < 30; reads++) receive(buffer, 33);
  assertEquals(buffer.bytes.length, 4 * KIB);
  assertGreater(reads, 5, "one small read says little");
  buffer.close();
});
