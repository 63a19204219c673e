/** The tools of `hsha bench`: its histogram, its lines, and how it compares them. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { ByteView } from "../lib/cli/bench/byte_view.ts";
import { Histogram } from "../lib/cli/bench/histogram.ts";
import { LEAST_SIZE, LineRing } from "../lib/cli/bench/line_ring.ts";

Deno.test("Histogram finds quantiles within 0.4 % of the true ones", () => {
  const histogram = new Histogram();
  const values: number[] = [];
  for (let i = 0, value = 0.1; i < 10_000; i++, value *= 1.002) values.push(value);
  for (const value of values) histogram.record(value);
  for (const part of [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
    const wanted = values[Math.ceil(part * values.length) - 1];
    const error = Math.abs(histogram.quantile(part) / wanted - 1);
    assertLess(error, 0.004, `quantile ${part}`);
  }
  assertEquals([histogram.count, histogram.min, histogram.max], [10_000, 0.1, values.at(-1)]);
});

Deno.test("Histogram knows no times where it has none", () => {
  const { min, mean, max } = new Histogram();
  assertEquals([min, mean, max, new Histogram().quantile(0.5)], [NaN, NaN, NaN, NaN]);
});

Deno.test("Histogram takes times of no length and of days", () => {
  const histogram = new Histogram();
  for (const value of [0, 0, 1e12]) histogram.record(value);
  assertLess(histogram.quantile(0.5), 0.1);
  assertEquals([histogram.min, histogram.max], [0, 1e12]);
  assertGreater(histogram.quantile(1), 1e10);
});

Deno.test("Histogram adds up what others have counted", () => {
  const [whole, one, two] = [new Histogram(), new Histogram(), new Histogram()];
  for (let i = 1; i <= 100; i++) {
    whole.record(i);
    (i % 3 === 0 ? one : two).record(i);
  }
  one.add(two.toState());
  assertEquals(one.toState(), whole.toState());
  assertEquals(one.between(1, 128), 100);
  assertEquals(one.between(32, 64), 32);
});

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
