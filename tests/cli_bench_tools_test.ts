/** The tools of `hsha bench`: its lines, and how it compares them. */

import { assert, assertEquals } from "@std/assert";
import { ByteView } from "../lib/cli/bench/byte_view.ts";
import { LEAST_SIZE, LineRing } from "../lib/cli/bench/line_ring.ts";

Deno.test("LineRing never sends a line twice", () => {
  const seen = new Set<string>();
  for (const connection of [0, 1, 46_655]) {
    const ring = new LineRing(LEAST_SIZE, { connection, window: 3 });
    for (let round = 0; round < 101; round++) {
      ring.renew(0, ring.slots);
      for (let slot = 0; slot < ring.slots; slot++) {
        const line = ring.text(slot);
        assertEquals(line.length, LEAST_SIZE);
        assert(!line.includes("\n") && !seen.has(line), line);
        seen.add(line);
      }
    }
  }
});

Deno.test("LineRing has room for the window, and lines of the size that is asked for", () => {
  for (const [size, window] of [[16, 1], [32, 64], [100, 5000], [70_000, 3]]) {
    const ring = new LineRing(size, { connection: 7, window });
    assert(ring.slots >= window);
    assertEquals(ring.bytes.length, ring.slots * (size + 1));
    assertEquals(ring.bytes.filter((byte) => byte === 10).length, ring.slots);
  }
});

Deno.test("ByteView sees a difference at every place of a long and a short text", () => {
  for (const length of [1, 4, 33, 300, 1200]) {
    const text = new Uint8Array(length + 5).fill(65);
    const view = new ByteView(text);
    for (let at = 0; at < length + 5; at++) {
      const other = text.slice();
      other[at] = 66;
      const same = view.same(3, { view: new ByteView(other), from: 2, length });
      assertEquals(same, at < 2 || at >= 2 + length, `length ${length}, place ${at}`);
    }
  }
});
