/** The messages between reactor and worker: what the shared memory cannot hold, and the boot. */

import type { ThrownFault } from "../worker/fault_report.ts";

/** First message of a worker: its handler is loaded, or why it will not do. */
export type BootMessage = { hsha: "ready"; exports: HandlerExports } | {
  hsha: "unfit";
  reason: string;
};

/** What a handler's module exports beside its default. */
export interface HandlerExports {
  open: boolean;
  /** As it is: nobody has looked at it. */
  defaults?: unknown;
}

/** How jobs are run: the same for every worker of a pool. */
export interface JobSettings {
  /** What ends a reply: `\n` or `\r\n`. */
  terminator: string;
  /** Seconds a job may run; 0: for ever. */
  jobTimeout: number;
  /** Longest reply, in bytes. */
  maxReply: number;
  /** Whether a connection's jobs all run in the same worker, which keeps its session. */
  pinned: boolean;
  /** Largest heap of a worker behind a spell of batches, in MiB; 0: any. */
  maxHeap: number;
}

/** The answer to `ready`. */
export interface WorkerInit {
  /** Lines that do not fit into the memory come here, and replies that do not leave here. */
  port: MessagePort;
  /** The memory of each `BatchSlot`, of the `HopReceiver`, and of the reactor's `Bell`. */
  slots: SharedArrayBuffer[];
  hop: SharedArrayBuffer;
  bell: SharedArrayBuffer;
  /** The reactor's sign of life, where lines may be started only while there is one. */
  beat?: SharedArrayBuffer;
  settings: JobSettings;
}

/** A reply that found no room in its batch's memory, and ended the batch. */
export interface Spill {
  /** The reply with its terminator. */
  bytes: Uint8Array;
  /** Whether it is an error reply. */
  failed: boolean;
  /** Whether its job has ended its connection. */
  ends: boolean;
}

/** What a worker says through its port. */
export type WorkerMessage =
  | { type: "spilled"; spill: Spill }
  /** Its heap is larger than it may be: another worker should take over. */
  | { type: "full" }
  /** It hears: it is in its event loop. */
  | { type: "pong" }
  /** Its handler has been disposed of. */
  | { type: "disposed" }
  /** Its handler threw, in jobs or, if `stray`, outside of any. */
  | { type: "fault"; fault: ThrownFault; stray: boolean };

/**
 * What is said to a worker through its port: `null` that it should wake, a text that it is the lines of a
 * batch; a question whether it hears; or that no line comes any more.
 */
export type HostMessage = null | string | { type: "ping" } | { type: "dispose" };
