/** The reactor's lookout: it finds the end of a batch, gives up in time, and mixes with messages. */

import { setImmediate } from "node:timers";
import { assert, assertEquals, assertLess } from "@std/assert";
import type { JobRun } from "../lib/half_sync/batch.ts";
import { Bell } from "../lib/half_sync/bell.ts";
import { Lookout } from "../lib/half_sync/lookout.ts";
import { WorkerHost } from "../lib/half_sync/worker_host.ts";
import { until } from "./helpers/deadline.ts";
import { FakeWorld } from "./helpers/fault_world.ts";

/** On a single processor nobody waits. */
const ALONE = navigator.hardwareConcurrency === 1;

const newBell = () => new Bell(new Int32Array(new SharedArrayBuffer(4)), 0);

Deno.test(
  "Lookout finds that a bell has rung, and nobody else need tell",
  { ignore: ALONE },
  async () => {
    const bell = newBell();
    let found = 0;
    const lookout = new Lookout(() => found++);
    // Where the machine is slow it may have given up before.
    for (let rung = false; !rung;) {
      bell.silence();
      lookout.begin(bell, 10);
      rung = bell.ring();
      if (!rung) await until(() => !bell.awaited, "the end of the lookout");
    }
    await until(() => found === 1, "the ring to be found");
    assert(!lookout.end(), "it is found once");
  },
);

Deno.test(
  "Lookout gives up after a while; whoever rings then must tell",
  { ignore: ALONE },
  async () => {
    const bell = newBell();
    const lookout = new Lookout(() => assert(false, "nobody rang"));
    lookout.begin(bell, 10);
    assert(bell.awaited);
    await until(() => !bell.awaited, "the end of the lookout");
    assert(!bell.ring());
    assert(!lookout.end());
  },
);

Deno.test("Lookout does not begin for a batch that takes long", () => {
  const bell = newBell();
  new Lookout(() => {}).begin(bell, 1000);
  assert(!bell.awaited);
});

Deno.test("Lookout does not begin any more when nobody has rung for long", async () => {
  const bell = newBell();
  const lookout = new Lookout(() => {});
  let begun = 0;
  for (; begun < 1000; begun++) {
    lookout.begin(bell, 10);
    if (!bell.awaited) break;
    // Without a pause, in which patience would come back.
    while (bell.awaited) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assertLess(begun, 1000);
});

Deno.test("WorkerHost takes the end that rang before the one that a message tells", async () => {
  using world = new FakeWorld();
  const answers: string[] = [];
  const run = (text: string): JobRun => ({
    text,
    count: 1,
    answered: (_lines, bytes) => void answers.push(`${text}: ${new TextDecoder().decode(bytes)}`),
    took() {},
    stalled() {},
    takeBack() {},
  });
  const options = {
    handler: new URL("data:text/javascript,"),
    permissions: {},
    terminator: "\n",
    bootTimeout: 1000,
  };
  const host = new WorkerHost(1, options, { freed() {}, died() {}, faulted() {} });
  await world.turn();
  for (const text of ["a", "b"]) host.send([run(text)], { cost: 10, lookOut: true, listen: false });
  const [worker] = world.workers;
  // Both are done before the reactor looks: the first one rings, of the second one a message tells.
  for (const _ of "ab") assert(worker.claim() && worker.finish());
  assertEquals(answers, ["a: <a>\n", "b: <b>\n"]);
  assertEquals(host.batches.length, 0);
  host.terminate();
});
