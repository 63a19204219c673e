/** Replies in their shared memory, up to its very end. */

import { assertEquals } from "@std/assert";
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
