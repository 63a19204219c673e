/** Faults of the way in: what happens between the reading of bytes and the acceptance of their lines. */

import { assertEquals } from "@std/assert";
import { Intake } from "../lib/half_async/intake.ts";

Deno.test("Intake accepts no line after it was dropped while the line was framed", async () => {
  // Lines accepted for a connection that was gone by then were counted as accepted, and never settled.
  for (let delay = 0; delay < 20; delay++) {
    const accepted: string[] = [];
    const ended = Promise.withResolvers<void>();
    let reads = 0;
    let dropped = false;
    const read = (buffer: Uint8Array) => {
      if (reads++ > 0) return Promise.resolve(null);
      void dropAfter(delay);
      return Promise.resolve(new TextEncoder().encodeInto("a\nb\n", buffer).written);
    };
    const intake = new Intake({ read } as unknown as Deno.Conn, 100, {
      room: () => 10,
      accept: (lines) => void accepted.push(...lines.lines(), dropped ? "too late" : "in time"),
      ended: () => ended.resolve(),
      broke: (error) => ended.reject(error),
    });
    const dropAfter = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      dropped = true;
      intake.drop();
    };
    await intake.run();
    await ended.promise;
    assertEquals(accepted.at(-1) ?? "in time", "in time", `dropped after ${delay} turns`);
  }
});

Deno.test("Intake that waits for room ends its wait when it is dropped, and accepts nothing", async () => {
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
  intake.drop();
  await run;
  assertEquals(accepted, []);
});

Deno.test("Intake that is stopped hands on what it has read as room is found, and nothing behind it", async () => {
  // A stop gave up the lines that waited for room, though they had been received.
  const chunks = ["a\nb\nc\n", "too late\n"];
  const read = (buffer: Uint8Array) => {
    const chunk = chunks.shift();
    if (chunk === undefined) return Promise.resolve(null);
    return Promise.resolve(new TextEncoder().encodeInto(chunk, buffer).written);
  };
  let room = 0;
  const accepted: string[] = [];
  const ended: boolean[] = [];
  const intake = new Intake({ read } as unknown as Deno.Conn, 100, {
    room: () => room,
    accept: (lines) => void accepted.push(...lines.lines()),
    ended: () => void ended.push(intake.busy),
    broke: () => {},
  });
  const run = intake.run();
  for (let turn = 0; !intake.paused; turn++) await undefined;
  intake.stop();
  assertEquals([intake.busy, ended], [true, []]);
  room = 2;
  intake.resume();
  assertEquals([accepted, intake.busy], [["a", "b"], true]);
  intake.resume();
  await run;
  assertEquals(
    [accepted, ended],
    [["a", "b", "c"], [false, false]],
    "told at once, and at the end",
  );
});
