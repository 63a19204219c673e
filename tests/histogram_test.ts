/** The histogram of times: its error, its copies, and what was counted between two of them. */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import {
  difference,
  FINE_RESOLUTION,
  Histogram,
  SERVER_RESOLUTION,
} from "../lib/observe/histogram.ts";

/** Values from a tenth of a microsecond to 50 seconds, ascending. */
function values(): number[] {
  const found: number[] = [];
  for (let i = 0, value = 0.1; i < 10_000; i++, value *= 1.002) found.push(value);
  return found;
}

for (
  const [name, resolution, error] of [
    ["FINE_RESOLUTION", FINE_RESOLUTION, 0.004],
    ["SERVER_RESOLUTION", SERVER_RESOLUTION, 0.032],
  ] as const
) {
  Deno.test(`Histogram of ${name} finds quantiles within ${error * 100} % of the true ones`, () => {
    const histogram = new Histogram(resolution);
    const all = values().filter((value) => value > 2 ** resolution.least);
    for (const value of all) histogram.record(value);
    for (const part of [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
      const wanted = all[Math.ceil(part * all.length) - 1];
      assertLess(Math.abs(histogram.quantile(part) / wanted - 1), error, `quantile ${part}`);
    }
    assertEquals([histogram.count, histogram.min, histogram.max], [
      all.length,
      all[0],
      all.at(-1),
    ]);
  });
}

Deno.test("Histogram of SERVER_RESOLUTION takes 4 KiB, and reaches an hour", () => {
  const histogram = new Histogram();
  assertEquals(histogram.toState().counts.byteLength, 4096);
  const hour = 3600e6;
  histogram.record(hour);
  histogram.record(hour * 24);
  assertLess(Math.abs(histogram.quantile(0.5) / hour - 1), 0.032);
});

Deno.test("Histogram knows no times where it has none", () => {
  const { min, mean, max } = new Histogram();
  assertEquals([min, mean, max, new Histogram().quantile(0.5)], [NaN, NaN, NaN, NaN]);
  assertEquals(new Histogram().toData(), { buckets: [], counts: [], sum: 0 });
});

Deno.test("Histogram takes times of no length, of days, and of a clock that was set back", () => {
  const histogram = new Histogram(FINE_RESOLUTION);
  for (const value of [0, 0, 1e12]) histogram.record(value);
  assertLess(histogram.quantile(0.5), 0.1);
  assertEquals([histogram.min, histogram.max], [0, 1e12]);
  assertGreater(histogram.quantile(1), 1e10);
  for (const value of [-5, NaN]) {
    const back = new Histogram();
    back.record(value);
    assertEquals(back.toData(), { buckets: [0], counts: [1], sum: 0 });
  }
});

Deno.test("Histogram counts many values at once as it does one by one", () => {
  const [one, bulk] = [new Histogram(), new Histogram()];
  for (let i = 0; i < 1000; i++) one.record(128);
  bulk.record(128, 1000);
  assertEquals(bulk.toState(), one.toState());
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

Deno.test("Histogram made of a snapshot's data has its quantiles and its sum", () => {
  const [original, copy] = [new Histogram(), new Histogram()];
  for (const value of values()) original.record(value);
  copy.addData(original.toData());
  assertEquals(copy.toData(), original.toData());
  // At the ends the copy knows the bucket alone.
  for (const part of [0.3, 0.5, 0.9]) assertEquals(copy.quantile(part), original.quantile(part));
});

Deno.test("difference is what was counted since, and nothing after a new start", () => {
  const histogram = new Histogram();
  histogram.record(10, 3);
  const before = histogram.toData();
  histogram.record(10);
  histogram.record(1000, 2);
  const now = histogram.toData();
  const since = difference(now, before);
  const expected = new Histogram();
  expected.record(10);
  expected.record(1000, 2);
  assertEquals(since.buckets, expected.toData().buckets);
  assertEquals(since.counts, [1, 2]);
  assertLess(Math.abs(since.sum - 2010e-6), 1e-12);
  assertEquals(difference(before, now), { buckets: [], counts: [], sum: 0 });
  assertEquals(difference(now), now);
});
