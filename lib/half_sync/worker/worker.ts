/**
 * The worker's own program, the half-sync layer inside a Web Worker: it says `ready`, is given its
 * memory and a port, and from then on answers each batch that comes.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { Handler } from "../handler.ts";
import { BatchSlot } from "../memory/batch_slot.ts";
import { Bell, HopReceiver } from "../memory/hop.ts";
import type { BootMessage, HostMessage, WorkerInit, WorkerMessage } from "../memory/messages.ts";
import { runDispose } from "./disposal.ts";
import { FaultReport } from "./fault_report.ts";
import { heapWatch } from "./heap_watch.ts";
import { JobLoop } from "./job_loop.ts";
import { launched } from "./launch.ts";
import { seal } from "./seal.ts";

export { launch } from "./launch.ts";

/** What a handler's module may export. */
interface HandlerModule {
  default?: unknown;
  dispose?: unknown;
}

seal();

/** Told what the worker is given when it is ready; nobody else hears of it. */
let initialise: (init: WorkerInit) => void = () => {};
self.addEventListener("message", (event) => {
  event.stopImmediatePropagation();
  initialise((event as MessageEvent<WorkerInit>).data);
}, { once: true });

/** Told of what a handler throws outside of a job, from a timer say; while it loads, it is unfit. */
let stray: (reason: unknown) => void = refuse;

// Unheard, either of these would take the worker along, and Deno would print a stack trace.
self.addEventListener("error", (event) => {
  event.preventDefault();
  stray(event.error);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  stray(event.reason);
});

/** Serves jobs with the handler module's default export; called by the worker's entry module. */
export function serveJobs(module: HandlerModule): void {
  const { default: handler, dispose } = module;
  if (typeof handler !== "function") {
    const reason = "default" in module
      ? `its default export is ${handler === null ? "null" : typeof handler}, not a function`
      : "it has no default export";
    return refuse(reason);
  }
  if (dispose !== undefined && typeof dispose !== "function") {
    return refuse("its export `dispose` is not a function");
  }
  const early: unknown[] = [];
  stray = (reason) => early.push(reason);
  initialise = (init) => {
    start(module as Parameters<typeof start>[0], init);
    early.forEach(stray);
  };
  const exports = { dispose: dispose !== undefined };
  self.postMessage({ hsha: "ready", exports } satisfies BootMessage);
}

/** Tells why the handler module could not be loaded; called by the worker's entry module. */
export function refuse(error: unknown): void {
  const reason = error instanceof Error && error.message ? error.message : String(error);
  self.postMessage({ hsha: "unfit", reason: reason.split("\n")[0] } satisfies BootMessage);
}

function start(
  { default: handler, dispose }: { default: Handler; dispose?: () => unknown },
  init: WorkerInit,
): void {
  const { port, settings } = init;
  const post = (message: WorkerMessage) => port.postMessage(message);
  const faultReport = (stray: boolean) =>
    new FaultReport((fault) => post({ type: "fault", fault, stray }));
  const [faults, strays] = [faultReport(false), faultReport(true)];
  const hop = new HopReceiver(init.hop, new Bell(init.bell));
  const loop = new JobLoop(handler, {
    workerId: launched().workerId,
    hop,
    slots: init.slots.map((memory) => new BatchSlot(memory)),
    settings,
    faults,
    post: (spill) => post({ type: "spilled", spill }),
    rest: heapWatch(settings.maxHeap, {
      looked: (bytes) => hop.heap(bytes),
      full: () => hop.full(),
    }),
  });
  port.onmessage = ({ data }: MessageEvent<HostMessage>) => {
    if (data === null) return loop.wake();
    if (typeof data === "string") return loop.push(data);
    if (data.type === "ping") return post({ type: "pong" });
    void runDispose(dispose, {
      jobTimeout: settings.jobTimeout,
      stray: (thrown) => strays.note(thrown),
    }).then(() => {
      for (const report of [faults, strays]) report.flush();
      post({ type: "disposed" });
    });
  };
  stray = (thrown) => strays.note(thrown);
}
