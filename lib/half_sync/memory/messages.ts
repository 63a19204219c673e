/** The messages between reactor and worker: the boot, and what the shared memory cannot hold. */

import type { ThrownFault } from "../worker/fault_report.ts";

/** First message of a worker: its handler is loaded, or why it is unfit. */
export type BootMessage = { hsha: "ready"; exports: HandlerExports } | {
  hsha: "unfit";
  reason: string;
};

/** What a handler's module exports beside its default. */
export interface HandlerExports {
  open: boolean;
  /** As the handler has it: unchecked. */
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
  /** Whether all jobs of a connection run in one worker, which keeps its session. */
  pinned: boolean;
  /** Largest heap of a worker after a spell of batches, in MiB; 0: any. */
  maxHeap: number;
}

/** The answer to `ready`. */
export interface WorkerInit {
  /** Lines that do not fit into the memory come through it, and replies that do not fit leave through it. */
  port: MessagePort;
  /** The memory of each `BatchSlot`, of the `HopReceiver`, and of the reactor's `Bell`. */
  slots: SharedArrayBuffer[];
  hop: SharedArrayBuffer;
  bell: SharedArrayBuffer;
  /** The reactor's sign of life, if lines may start only while there is one. */
  beat?: SharedArrayBuffer;
  settings: JobSettings;
}

/** A reply that found no room in its batch's memory and so ended the batch. */
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
  /** Its heap is too large: another worker should take over. */
  | { type: "full" }
  /** It answers: it is in its event loop. */
  | { type: "pong" }
  /** Its handler has been disposed of. */
  | { type: "disposed" }
  /** Its handler threw, in jobs or, if `stray`, outside of any. */
  | { type: "fault"; fault: ThrownFault; stray: boolean };

/**
 * What is said to a worker through its port: `null`: wake up; a text: the lines of a batch; `ping`: do you
 * hear; `dispose`: no line comes any more.
 */
export type HostMessage = null | string | { type: "ping" } | { type: "dispose" };
