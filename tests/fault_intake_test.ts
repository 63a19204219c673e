/** Faults of the way in: what happens between the reading of bytes and the acceptance of their lines. */

import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { Intake } from "../lib/half_async/intake.ts";
import { ReadBudget } from "../lib/half_async/read_budget.ts";
import { within } from "../scripts/tools/deadline.ts";

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

/** A connection whose reads are all done at once, so many times: each fills the buffer with this text. */
function eagerConn(text: string, reads: number): Deno.Conn {
  const source = new TextEncoder().encode(text.repeat(Math.ceil(80 * 1024 / text.length)));
  const read = (buffer: Uint8Array) => {
    if (reads-- === 0) return Promise.resolve(null);
    buffer.set(source.subarray(0, buffer.length));
    return Promise.resolve(buffer.length);
  };
  return { read } as unknown as Deno.Conn;
}

for (
  const [lines, text] of [
    ["lines that are too long", `${"x".repeat(1001)}\n`],
    ["a line without an end", "x"],
    ["tiny lines that are too long", `${"x".repeat(1001)}\n${"a\n".repeat(500)}`],
  ]
) {
  for (const stopped of [false, true]) {
    const when = stopped ? "it is stopped and a client sends" : "a client sends";
    Deno.test(`Intake lets timers run and sockets be read while ${when} ${lines}`, async () => {
      // Reads that are done at once resolve as microtasks: nothing else was ever served.
      const intake = new Intake(eagerConn(text, stopped ? 300_000 : 1000), 1000, {
        room: () => 2048,
        accept: () => {},
        ended: () => {},
        broke: (error) => {
          throw error;
        },
      });
      if (stopped) intake.stop();
      let turned = false;
      const timer = setTimeout(() => turned = true, 0);
      await intake.run();
      clearTimeout(timer);
      assertEquals(turned, true);
    });
  }
}

Deno.test("Intake hands on lines that are too long in slices, with turns of the event loop in between", async () => {
  // Of 27 000 in one chunk each got its reply before anything else was served.
  let handed = 0;
  let most = 0;
  let timer: ReturnType<typeof setTimeout>;
  const watch = () => {
    most = Math.max(most, handed);
    handed = 0;
    timer = setTimeout(watch, 0);
  };
  watch();
  const intake = new Intake(eagerConn("aa\n", 4), 1, {
    room: () => 2048,
    accept: ({ count }) => {
      handed += count;
      for (const end = performance.now() + 1; performance.now() < end;); // as much work as they are
    },
    ended: () => {},
    broke: (error) => {
      throw error;
    },
  });
  await intake.run();
  clearTimeout(timer!);
  assertLessOrEqual(most, 50 * 128);
});

Deno.test("Intake serves what other clients send between the lines that one may hand on", async () => {
  const order: string[] = [];
  const listener = (name: string) => ({
    room: () => 2048,
    accept: () => {
      order.push(name);
      for (const end = performance.now() + 1; performance.now() < end;);
    },
    ended: () => {},
    broke: (error: unknown) => {
      throw error;
    },
  });
  const text = `${"x".repeat(99)}\n`;
  await Promise.all(
    ["a", "b", "c"].map((name) => new Intake(eagerConn(text, 50), 1000, listener(name)).run()),
  );
  const first = order.slice(0, order.length / 2);
  for (const name of ["a", "b", "c"]) {
    const share = first.filter((each) => each === name).length / first.length;
    assertGreater(share, 0.2, `${name} had ${share} of the first half`);
  }
});

Deno.test("ReadBudget serves those who come after all have left, with work that waited, too", async () => {
  // Deferred work of the last client that left kept every later one waiting for ever.
  const budget = new ReadBudget();
  budget.enter();
  void budget.run(() => {});
  budget.leave();
  budget.enter();
  assertEquals(await within(budget.run(() => "done"), "the work of the next one"), "done");
  budget.leave();
});
