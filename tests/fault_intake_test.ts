/** Faults of the way in: what happens between the reading of bytes and the acceptance of their lines. */

import { assertEquals } from "@std/assert";
import { Intake } from "../lib/half_async/intake.ts";

Deno.test("Intake accepts no line after it was stopped while the line was framed", async () => {
  // Lines accepted for a connection that was gone by then were counted as accepted, and never settled.
  for (let delay = 0; delay < 20; delay++) {
    const accepted: string[] = [];
    const ended = Promise.withResolvers<void>();
    let reads = 0;
    let stopped = false;
    const read = (buffer: Uint8Array) => {
      if (reads++ > 0) return Promise.resolve(null);
      void stopAfter(delay);
      return Promise.resolve(new TextEncoder().encodeInto("a\nb\n", buffer).written);
    };
    const intake = new Intake({ read } as unknown as Deno.Conn, 100, {
      room: () => 10,
      accept: (lines) => void accepted.push(...lines.lines(), stopped ? "too late" : "in time"),
      ended: () => ended.resolve(),
      broke: (error) => ended.reject(error),
    });
    const stopAfter = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      stopped = true;
      intake.stop();
    };
    await intake.run();
    await ended.promise;
    assertEquals(accepted.at(-1) ?? "in time", "in time", `stopped after ${delay} turns`);
  }
});

Deno.test("Intake that waits for room ends its wait when it is stopped, and accepts nothing", async () => {
  let reads = 0;
  const read = (buffer: Uint8Array) => {
    if (reads++ > 0) return Promise.resolve(null);
    return Promise.resolve(new TextEncoder().encodeInto("a\nb\n", buffer).written);
  };
  const accepted: string[] = [];
  const intake = new Intake({ read } as unknown as Deno.Conn, 100, {
    room: () => 0,
    accept: (lines) => void accepted.push(...lines.lines()),
    ended: () => {},
    broke: () => {},
  });
  const run = intake.run();
  for (let turn = 0; !intake.paused; turn++) await undefined;
  intake.stop();
  await run;
  assertEquals(accepted, []);
});
