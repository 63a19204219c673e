/** Replies in their shared memory, up to its very end. */

import { assertEquals, assertThrows } from "@std/assert";
import { BatchSlot, REPLY_BYTES } from "../lib/half_sync/memory/batch_slot.ts";
import { ReplyWriter } from "../lib/half_sync/worker/reply_writer.ts";

for (const terminator of ["\n", "\r\n"]) {
  Deno.test(`ReplyWriter loses no reply that ends ${JSON.stringify(terminator)} where the room ends`, () => {
    // An empty reply "fitted" into no room at all, and its end was written behind the memory.
    const decoder = new TextDecoder();
    for (let left = 0; left <= 4; left++) {
      for (const short of ["", "a", "é"]) {
        const replies = ["x".repeat(REPLY_BYTES - terminator.length - left), short, short, short];
        const slot = new BatchSlot();
        const writer = new ReplyWriter(terminator, Infinity);
        writer.begin(slot);
        let added = 0;
        while (writer.spill === undefined && added < replies.length) {
          writer.add(replies[added++], false);
        }
        const spilled = writer.spill === undefined ? 0 : 1;
        const end = slot.end(added - spilled);
        const written = decoder.decode(slot.replies.slice(0, end)) +
          decoder.decode(writer.spill?.bytes);
        const expected = replies.slice(0, added).map((reply) => reply + terminator).join("");
        assertEquals(written.length, expected.length, `${left} bytes left, replies ${short}`);
        assertEquals(written === expected, true);
      }
    }
  });
}

Deno.test("ReplyWriter refuses a reply longer than --max-reply, and takes one that is as long", () => {
  for (const most of [5, 100, 2 * REPLY_BYTES]) {
    const fits = ["x".repeat(most), "é".repeat(Math.floor(most / 2)), ["x", "x".repeat(most - 2)]];
    const tooLong = ["x".repeat(most + 1), "é".repeat(most), ["x", "x".repeat(most - 1)]];
    for (const [at, reply] of fits.entries()) {
      const writer = new ReplyWriter("\n", most);
      writer.begin(new BatchSlot());
      const { message } = assertThrows(() => writer.add(tooLong[at], false), RangeError);
      assertEquals(message, `the reply is longer than the limit of ${most} bytes`);
      writer.add(reply, false); // nothing of the other is left
      const slot = new BatchSlot();
      writer.begin(slot);
      writer.add(reply, false);
      const length = writer.spill?.bytes.length ?? slot.end(1);
      assertEquals(length, new TextEncoder().encode([reply].flat().join("\n")).length + 1);
    }
  }
});
