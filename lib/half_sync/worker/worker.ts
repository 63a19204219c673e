/**
 * The worker's own program, the half-sync layer inside a Web Worker: it says `ready`, gets its memory and a
 * port, and from then on answers each batch that comes.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import type { HandlerModule } from "../handler.ts";
import { BatchSlot } from "../memory/batch_slot.ts";
import { Bell, HopReceiver } from "../memory/hop.ts";
import { Beat, LeasedSlot } from "../memory/leased_slot.ts";
import type { BootMessage, HostMessage, WorkerInit, WorkerMessage } from "../memory/messages.ts";
import { ContextFactory } from "./context.ts";
import { FaultReport } from "./fault_report.ts";
import { Guard } from "./guard.ts";
import { heapWatch } from "./heap_watch.ts";
import { JobLoop } from "./job_loop.ts";
import { launched } from "./launch.ts";
import { seal } from "./seal.ts";

seal();
launched(); // before a handler may change the worker's name

/** Gets what the worker is given when it is ready; no other code hears of it. */
let initialise: (init: WorkerInit) => void = () => {};
self.addEventListener("message", (event) => {
  event.stopImmediatePropagation();
  initialise((event as MessageEvent<WorkerInit>).data);
}, { once: true });

/**
 * Told of what a handler throws outside of a job, for example from a timer; an error while it loads makes it
 * unfit.
 */
let stray: (reason: unknown) => void = refuse;

// Without a listener, either of these would end the worker, and Deno would print a stack trace.
self.addEventListener("error", (event) => {
  event.preventDefault();
  stray(event.error);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  stray(event.reason);
});

/** What may be a handler's module. */
type AnyModule = Partial<Record<keyof HandlerModule, unknown>>;

/** Serves jobs with the handler's module; the worker's entry module calls it. */
export function serveJobs(module: AnyModule): void {
  const fault = faultOf(module);
  if (fault !== undefined) return refuse(fault);
  const early: unknown[] = [];
  stray = (reason) => early.push(reason);
  initialise = (init) => {
    start(module as unknown as HandlerModule, init); // sound: `faultOf` has looked at it
    early.forEach(stray);
  };
  const { open, defaults } = module;
  const exports = { open: open !== undefined, defaults };
  try {
    self.postMessage({ hsha: "ready", exports } satisfies BootMessage);
  } catch {
    refuse("its export `defaults` holds what no option is");
  }
}

/** Why a module is unfit to serve jobs. */
function faultOf(module: AnyModule): string | undefined {
  if (!("default" in module)) return "it has no default export";
  const nameOf = (value: unknown) => value === null ? "null" : typeof value;
  const { default: handler } = module;
  if (typeof handler !== "function") {
    return `its default export is ${nameOf(handler)}, not a function`;
  }
  for (const hook of ["open", "close", "dispose"] as const) {
    const value = module[hook];
    if (value === undefined || typeof value === "function") continue;
    return `its export "${hook}" is ${nameOf(value)}, not a function`;
  }
}

/** Tells why the handler's module could not be loaded; the worker's entry module calls it. */
export function refuse(error: unknown): void {
  const reason = error instanceof Error && error.message ? error.message : String(error);
  self.postMessage({ hsha: "unfit", reason: reason.split("\n")[0] } satisfies BootMessage);
}

function slotsOf({ slots, beat }: WorkerInit): BatchSlot[] {
  if (beat === undefined) return slots.map((memory) => new BatchSlot(memory));
  const life = new Beat(beat);
  return slots.map((memory) => new LeasedSlot(memory, life));
}

function start(module: HandlerModule, init: WorkerInit): void {
  const { port, settings } = init;
  const post = (message: WorkerMessage) => port.postMessage(message);
  const faultReport = (stray: boolean) =>
    new FaultReport((fault) => post({ type: "fault", fault, stray }));
  const [faults, strays] = [faultReport(false), faultReport(true)];
  const hop = new HopReceiver(init.hop, new Bell(init.bell));
  const contexts = new ContextFactory({
    ...launched(),
    pinned: settings.pinned,
    late: (error) => strays.note(error),
  });
  const loop = new JobLoop(module, {
    contexts,
    hop,
    slots: slotsOf(init),
    settings,
    faults,
    post: (spill) => post({ type: "spilled", spill }),
    rest: heapWatch(settings.maxHeap, {
      looked: (bytes) => hop.heap(bytes),
      full: () => post({ type: "full" }),
    }),
  });
  port.onmessage = ({ data }: MessageEvent<HostMessage>) => {
    if (data === null) return loop.wake();
    if (typeof data === "string") return loop.push(data);
    if (data.type === "ping") return post({ type: "pong" });
    void loop.end().then(() => dispose(module, settings.jobTimeout)).then(() => {
      for (const report of [faults, strays]) report.flush();
      post({ type: "disposed" });
    });
  };
  stray = (thrown) => strays.note(thrown);
}

/**
 * The handler hears of the end; what it throws is told. Never rejects; resolves when it has ended, or has
 * been stopped.
 *
 * @param jobTimeout Seconds that its synchronous part may take, like a job; 0: for ever
 */
async function dispose(module: HandlerModule, jobTimeout: number): Promise<void> {
  let ended: unknown;
  new Guard(jobTimeout * 1000).run(() => {
    try {
      ended = module.dispose?.();
    } catch (thrown) {
      stray(thrown);
    }
  });
  try {
    await ended;
  } catch (thrown) {
    stray(thrown);
  }
}
