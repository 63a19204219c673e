/** Test tool: the worker's end of a hop in a thread of its own, that waits in every way there is, at random. */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import timers from "node:timers";
import { Bell, HopReceiver } from "../../lib/half_sync/memory/hop.ts";
import { Chance } from "../../scripts/tools/chance.ts";

/** What the thread begins with; later messages, which say nothing, wake it. */
export interface HopThreadInit {
  hop: SharedArrayBuffer;
  bell: SharedArrayBuffer;
  seed: number;
}

let awake = false;

self.onmessage = ({ data: init }: MessageEvent<HopThreadInit>) => {
  const hop = new HopReceiver(init.hop, new Bell(init.bell));
  const chance = new Chance(init.seed);
  self.onmessage = () => void serve(hop, chance);
  void serve(hop, chance);
};

/** As a job loop does, but for the jobs. */
async function serve(hop: HopReceiver, chance: Chance): Promise<void> {
  if (awake) return;
  awake = true;
  hop.wake();
  do {
    while (hop.park(chance.happens(0.5) ? 0 : 3 * chance.next())) {
      hop.take();
      for (let steps = chance.integer(0, 2000); steps > 0; steps--);
      hop.done();
      if (chance.happens(0.3)) break; // a spell ends
    }
    await new Promise<void>((resolve) => void timers.setImmediate(resolve));
  } while (!hop.sleep());
  awake = false;
}
