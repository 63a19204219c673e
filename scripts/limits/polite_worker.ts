/**
 * The thread of a polite client: asks one line after the other, waits for each reply, and measures how long
 * that takes. In the thread of others it would wait for them, not for the server.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { LineClient } from "../tools/line_client.ts";
import { pause } from "../tools/pause.ts";

/** What the main thread says: whom to ask, with how many milliseconds in between; and later, to stop. */
export type PoliteOrder = { addr: Deno.Addr; interval: number } | { forget: true } | { stop: true };

/** What the thread says: it is connected; at the end, milliseconds from each line to its reply. */
export type PoliteReport = { connected: true } | { times: number[]; failure?: string };

const times: number[] = [];
let stopped = false;
let done: Promise<string | undefined> | undefined;

self.onmessage = async ({ data }: MessageEvent<PoliteOrder>) => {
  if ("forget" in data) {
    times.length = 0;
  } else if ("stop" in data) {
    stopped = true;
    report({ times, failure: await done });
  } else {
    const client = await LineClient.connect(data.addr);
    done = ask(client, data.interval).then(() => undefined, (error) => String(error.message));
    report({ connected: true });
  }
};

async function ask(client: LineClient, interval: number): Promise<void> {
  try {
    for (let count = 0; !stopped; count++) {
      const begun = performance.now();
      const reply = await client.ask(`polite ${count}`);
      times.push(performance.now() - begun);
      // Where a limit rejects lines, a polite one is no exception; but it must be told at once.
      const rejected = /^ERR (overloaded|line longer)/.test(reply);
      if (!rejected && !reply.endsWith(` polite ${count}`)) {
        throw new Error(`a polite line got ${reply}`);
      }
      await pause(interval);
    }
  } finally {
    client.close();
  }
}

function report(message: PoliteReport): void {
  self.postMessage(message);
}
