/**
 * The worker's own program, the half-sync layer inside a Web Worker: it says `ready`, is given its
 * memory and a port, and from then on answers each batch that comes through the port.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { BatchSlot } from "./batch_slot.ts";
import { FaultReport, type ThrownFault } from "./fault_report.ts";
import type { Handler } from "./handler.ts";
import { JobLoop } from "./job_loop.ts";
import type { Spill } from "./reply_writer.ts";
import { seal } from "./seal.ts";

/** First message of a worker: its handler is loaded, or why it will not do. */
export type BootMessage = { hsha: "ready" } | { hsha: "unfit"; reason: string };

/** The answer to `ready`. */
export interface WorkerInit {
  workerId: number;
  /** Batches come and their ends are told here, out of reach of the handler. */
  port: MessagePort;
  /** The memory of each {@linkcode BatchSlot}. */
  memory: SharedArrayBuffer[];
  terminator: string;
}

/**
 * What a worker says through its port: nothing but that its batch is done, which as `null` is serialised
 * and read in no time (measured: an object costs 4 % of the rate with clients that send ahead); or more.
 */
export type WorkerMessage =
  | null
  | { type: "spilled"; spill: Spill }
  | { type: "pong" }
  | { type: "fault"; fault: ThrownFault; stray: boolean };

/**
 * What is said to a worker through its port: the lines of a batch, or nothing but that they are in its
 * memory; or a question whether it still hears.
 */
export type HostMessage = string | null | { type: "ping" };

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
export function serveJobs(module: { default?: unknown }): void {
  const handler = module.default;
  if (typeof handler !== "function") {
    const reason = "default" in module
      ? `its default export is ${handler === null ? "null" : typeof handler}, not a function`
      : "it has no default export";
    return refuse(reason);
  }
  const early: unknown[] = [];
  stray = (reason) => early.push(reason);
  initialise = (init) => {
    start(handler as Handler, init);
    early.forEach(stray);
  };
  self.postMessage({ hsha: "ready" } satisfies BootMessage);
}

/** Tells why the handler module could not be loaded; called by the worker's entry module. */
export function refuse(error: unknown): void {
  const reason = error instanceof Error && error.message ? error.message : String(error);
  self.postMessage({ hsha: "unfit", reason: reason.split("\n")[0] } satisfies BootMessage);
}

function start(handler: Handler, init: WorkerInit): void {
  const { port } = init;
  const post = (message: WorkerMessage) => port.postMessage(message);
  const faultReport = (stray: boolean) =>
    new FaultReport((fault) => post({ type: "fault", fault, stray }));
  const strays = faultReport(true);
  const loop = new JobLoop(handler, {
    faults: faultReport(false),
    workerId: init.workerId,
    terminator: init.terminator,
    slots: init.memory.map((memory) => new BatchSlot(memory)),
    done: (spill) => post(spill === undefined ? null : { type: "spilled", spill }),
  });
  port.onmessage = ({ data }: MessageEvent<HostMessage>) => {
    if (data !== null && typeof data === "object") post({ type: "pong" });
    else loop.push(data);
  };
  stray = (thrown) => strays.note(thrown);
}
