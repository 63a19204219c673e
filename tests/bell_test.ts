/** The bell between two threads, and those who wait for it: a worker that listens, the lookout, patience. */

import { assert, assertEquals } from "@std/assert";
import { Bell } from "../lib/half_sync/bell.ts";
import { Patience } from "../lib/half_sync/patience.ts";
import { until, within } from "./helpers/deadline.ts";
import { startServer } from "./helpers/server.ts";

/** On a single processor nobody waits. */
const ALONE = navigator.hardwareConcurrency === 1;

const newBell = () => new Bell(new Int32Array(new SharedArrayBuffer(4)), 0);

Deno.test("Bell lets nobody listen for what has been told of by a message", () => {
  const bell = newBell();
  assert(!bell.ring(), "nobody was listening");
  const begun = performance.now();
  assert(!bell.listen(10_000));
  assert(performance.now() - begun < 5000, "it listened all the same");
});

Deno.test("Bell lets somebody listen as long as they may, and not longer", () => {
  const bell = newBell();
  assert(!bell.listen(5));
  assert(!bell.awaited);
  assert(!bell.ring(), "whoever has gone to sleep needs a message");
  bell.silence();
  assert(!bell.listen(0));
});

Deno.test("Bell is heard in another thread, again and again", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const bell = new Bell(words, 0);
  const source = `
    import { Bell } from ${JSON.stringify(import.meta.resolve("../lib/half_sync/bell.ts"))};
    onmessage = ({ data }) => {
      const bell = new Bell(data, 0);
      for (let ring = 0; ring < 3; ring++) {
        const heard = bell.listen(20_000);
        bell.silence();
        postMessage(heard);
      }
    };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    type: "module",
  });
  try {
    const heard: unknown[] = [];
    const done = Promise.withResolvers<void>();
    worker.onmessage = ({ data }) => void (heard.push(data) === 3 && done.resolve());
    worker.postMessage(words);
    for (let ring = 0; ring < 3; ring++) {
      await until(() => bell.awaited, "the worker to listen");
      assert(bell.ring(), "it was listening, and needs no message");
    }
    await within(done.promise, "the rings");
    assertEquals(heard, [true, true, true]);
  } finally {
    worker.terminate();
  }
});

Deno.test("Patience ends when nobody answers, and comes back with time", { ignore: ALONE }, () => {
  let time = 0;
  const patience = new Patience(() => time);
  const waitInVain = () => {
    let millis = 0;
    for (; patience.allows(1); millis++) patience.spend(1);
    return millis;
  };
  assertEquals(waitInVain(), 4);
  assert(!patience.allows(1), "nobody waits without patience");
  time += 20;
  assertEquals(waitInVain(), 2, "a tenth of the time");
  time += 1e6;
  assertEquals(waitInVain(), 4, "never more than to begin with");
});

Deno.test("WorkerHost and JobLoop hear each other: a client that waits gets its replies, mixed with others", async () => {
  await using server = await startServer({ workers: 2 });
  const clients = await Promise.all(Array.from({ length: 12 }, () => server.connect()));
  // From one client that waits to twelve, and back: with so few lines either side waits for the other,
  // with more the worker goes to sleep.
  for (const count of [1, 2, 8, 12, 1, 4, 1]) {
    await Promise.all(
      clients.slice(0, count).map(async (client, index) => {
        for (let round = 0; round < 200; round++) {
          const line = `${count} ${index} ${round}`;
          assertEquals((await client.ask(line)).slice(2), line);
        }
      }),
    );
  }
  for (const client of clients) client.close();
});
