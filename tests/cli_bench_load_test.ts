/** The load of `hsha bench`: what of it counts, and its clock. */

import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { LoadConnection } from "../lib/cli/bench/load_connection.ts";
import { LoadStats } from "../lib/cli/bench/load_stats.ts";
import { Pace } from "../lib/cli/bench/pace.ts";
import type { Wire } from "../lib/cli/endpoint.ts";
import { within } from "../scripts/tools/deadline.ts";

/** A connection to a server that `reply` is, and that closes once it has none. */
function wireTo(reply: (line: string, n: number) => string): Wire {
  const lines: string[] = [];
  let n = 0;
  return {
    write(bytes) {
      lines.push(...new TextDecoder().decode(bytes).trim().split("\n"));
      return Promise.resolve(bytes.length);
    },
    read(into) {
      const line = lines.shift();
      if (line === undefined) return Promise.resolve(null);
      return Promise.resolve(new TextEncoder().encodeInto(reply(line, n++), into).written);
    },
    close() {},
    closeWrite: () => Promise.resolve(),
  };
}

const EXCHANGE = { connection: 0, size: 16, window: 1, expect: "echo" } as const;

Deno.test("LoadConnection counts no reply of the warm-up, and no line that ends after the end", async () => {
  const stats = new LoadStats();
  const wire = wireTo((line, n) => {
    if (n === 5) connection.counting = "all";
    if (n === 8) connection.stop(performance.now());
    return `1 ${line}\n`;
  });
  const connection = new LoadConnection(wire, { stats, exchange: EXCHANGE });
  await connection.run();
  assertEquals([stats.lines, stats.latency.count, stats.clean], [3, 4, true]);
});

Deno.test("LoadConnection counts how long the lines waited that were not answered or not sent", () => {
  const stats = new LoadStats();
  const exchange = { ...EXCHANGE, window: 2, dueAt: (n: number) => n };
  const connection = new LoadConnection(wireTo(() => ""), { stats, exchange });
  for (let line = 0; line < 5; line++) connection.allowOne();
  connection.flush();
  connection.stop(10);
  const { count, min, max } = stats.latency;
  assertEquals([count, min, max], [3, 6000, 8000]);
  connection.countRest(30);
  assertEquals([stats.latency.count, stats.latency.mean], [5, (6 + 7 + 8 + 29 + 30) * 1000 / 5]);
  assertEquals([stats.unsent, stats.unanswered], [3, 2]);
});

Deno.test("LoadConnection counts lines as waited for no longer than their connection lived", () => {
  const stats = new LoadStats();
  const exchange = { ...EXCHANGE, dueAt: () => performance.now() };
  const connection = new LoadConnection(wireTo(() => ""), { stats, exchange });
  connection.allowOne();
  connection.flush();
  connection.close();
  connection.countRest(performance.now() + 1e6);
  assertEquals([stats.latency.count, stats.unanswered], [1, 1]);
  assertLess(stats.latency.max, 1e9); // microseconds; it was the million milliseconds of the call
});

Deno.test("Pace makes up for lines that it was late with, and tells how late", async () => {
  const stats = new LoadStats();
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  let next = 0;
  const pace = await Pace.open({
    rate: 1000,
    stats,
    due(from, to) {
      assertEquals(from, next);
      next = to;
      if (next > 30) resolve();
    },
  });
  pace.start();
  const end = performance.now() + 30;
  while (performance.now() < end);
  await within(caughtUp, "the lines that were due");
  pace.stop();
  assertEquals(stats.lateness.count, next);
  assertGreater(stats.lateness.max, 28_000);
});
