/**
 * One of several threads of a load: opens its connections, says so, and runs when it is told to.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { reason } from "../../reason.ts";
import { Load, type LoadPlan } from "./load.ts";
import type { LoadState } from "./load_stats.ts";

/** What the main thread says: first a plan, then the sign to begin, perhaps one to stop. */
export type LoadOrder = { plan: LoadPlan } | { begin: true } | { stop: true };

/** What a thread says: it is ready or cannot be; how far it is; what it found. */
export type LoadReport =
  | { ready: true }
  | { failure: string }
  | { lines: number }
  | { findings: LoadState };

/** Milliseconds between two reports of how far it is. */
const REPORT_MS = 100;

let load: Load | undefined;

self.onmessage = async ({ data }: MessageEvent<LoadOrder>) => {
  if ("plan" in data) {
    try {
      load = await Load.open(data.plan);
      report({ ready: true });
    } catch (error) {
      report({ failure: reason(error) });
    }
  } else if ("stop" in data) {
    load?.stop();
  } else if (load) {
    const running = load;
    const timer = setInterval(() => report({ lines: running.lines }), REPORT_MS);
    const stats = await running.run();
    clearInterval(timer);
    report({ findings: stats.toState() });
  }
};

function report(message: LoadReport): void {
  self.postMessage(message);
}
