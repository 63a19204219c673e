/**
 * What a running server shows of itself, as one plain object. The reactor makes one every 250 ms; the
 * metrics, the health checks and the live page are made from it. It holds no content of a line.
 */

import type { LineSample } from "./line_sample.ts";

/** The server at one moment. Counts and sums are since its start, unless a field says otherwise. */
export interface Snapshot {
  /** When it was taken, in milliseconds since 1970. */
  at: number;
  /** When the server was started, in milliseconds since 1970. */
  startedAt: number;
  /** The version of hsha. */
  version: string;
  /** The version of Deno that runs it. */
  deno: string;
  /** Its stage of life; `stopping` from the signal until it has ended. */
  state: "starting" | "ready" | "stopping";
  /** Where it listens, as the log says it; absent while it does not. */
  address?: string;
  options: OptionsShown;
  lines: LinesShown;
  connections: ConnectionsShown;
  bytes: BytesShown;
  queue: QueueShown;
  held: HeldShown;
  /** One for each worker ID, in the order of the IDs. */
  workers: WorkerShown[];
  /** Workers replaced, by reason. A reason is one word of a fixed set: `timeout`, `died`, `heap`, `reload` */
  replacements: Readonly<Record<string, number>>;
  /** Workers that could not be stopped, and have not come back. */
  abandoned: number;
  times: TimesShown;
  process: ProcessShown;
  /** The latest events, oldest first, fifty at the most. */
  events: EventShown[];
  /** The latest lines that were followed, oldest first, fifty at the most; absent while none are. */
  samples?: LineSample[];
  /** With several processes: the holder of each number, in order; then those that are leaving. */
  processes?: ServerProcessShown[];
  /** With worker machines elsewhere: each of them. */
  nodes?: NodeShown[];
}

/** A worker machine. */
export interface NodeShown {
  name: string;
  /** Lines that it has of this server. */
  lines: number;
  /** Its workers, and how many of them may have lines of this server now. */
  workers: number;
  credits: number;
}

/** What the server was told to do. */
export interface OptionsShown {
  /** A built-in handler's name, or the file name of one, without its folders. */
  handler: string;
  order: string;
  workers: number;
  /** Connections. */
  maxConnections: number;
  /** Lines accepted and not yet answered. */
  queueLimit: number;
  /** Bytes of a line. */
  maxLine: number;
  /** Seconds; 0: for ever. */
  jobTimeout: number;
  overload: string;
}

/** What became of lines: `accepted` = `answered` + `failed` + `gone` + `unanswered`. */
export interface LinesShown {
  accepted: number;
  /** Lines whose job returned. */
  answered: number;
  /** Lines answered by an `ERR` reply. */
  failed: number;
  /** Lines whose connection was gone before their reply. */
  gone: number;
  /** Lines under way now: counted, not the difference of the others. */
  unanswered: number;
}

/** Connections. */
export interface ConnectionsShown {
  /** Open now. */
  open: number;
  /** Of those, connections that are not read from, because the queue or their own share is full. */
  paused: number;
  total: number;
  /** Refused at a limit. */
  refused: number;
}

/** Bytes on the wire. */
export interface BytesShown {
  received: number;
  /** Handed to the sockets. */
  sent: number;
  /** Replies that clients have not read yet, kept by the server now. */
  unread: number;
}

/** The queueing layer, now. */
export interface QueueShown {
  /** Lines that wait for a worker. */
  lines: number;
  /** Bytes of them. */
  bytes: number;
  /** Most bytes that it may hold. */
  byteLimit: number;
}

/** Replies that are ready and wait for the reply of an earlier line, now. */
export interface HeldShown {
  replies: number;
  bytes: number;
}

/** The states of a worker. */
export const WORKER_STATES = ["booting", "idle", "busy", "retiring", "late", "stuck"] as const;

/**
 * `booting`: it loads the handler; `idle`: it waits; `busy`: it runs jobs; `retiring`: it runs its last ones;
 * `late`: its job runs longer than the job timeout, and is being stopped; `stuck`: that failed.
 */
export type WorkerState = typeof WORKER_STATES[number];

/** The worker that has an ID now; its sums are those of all workers that have had it. */
export interface WorkerShown {
  /** 1…N. */
  id: number;
  /** With several processes: the number of its process. */
  process?: number;
  state: WorkerState;
  /** When its job under way began, in milliseconds since 1970; absent while there is none. */
  busySince?: number;
  /** Seconds spent in jobs. */
  busySeconds: number;
  /** Lines run. */
  lines: number;
  /** Lines that it has been given and not answered, now. */
  inFlight: number;
  /** Bytes of its heap at the last look; absent if nobody looks. */
  heapBytes?: number;
  /** Seconds that it took to load the handler; absent while it does. */
  bootSeconds?: number;
  /** How often a new worker took over this ID. */
  replaced: number;
}

/** One of several server processes, or a number that no process has just now. */
export interface ServerProcessShown {
  /** 1…N; its successor has the same. */
  number: number;
  /** Absent if there is no process just now. */
  pid?: number;
  /** `former`: another one already has its number, and it answers its last lines; `gone`: there is none. */
  state: "starting" | "ready" | "stopping" | "former" | "gone";
  /** Whether it serves connections, and was heard of in the last seconds. */
  ready: boolean;
  /** Seconds since it was heard of; absent before the first time. */
  ageSeconds?: number;
  /** When it was started, in milliseconds since 1970; absent until it has said so. */
  startedAt?: number;
  /** Connections that are open. */
  connections: number;
  lines: LinesShown;
  /** How many of its workers are in which state. */
  workers: Readonly<Partial<Record<WorkerState, number>>>;
  process: ProcessShown;
  /**
   * Of all processes that have had its number: lines accepted, processor time, how many came after the first.
   */
  seat: { accepted: number; cpuSeconds: number; replaced: number };
}

/** Histograms of a line's times. */
export interface TimesShown {
  /** From a line's acceptance until a worker starts it. */
  wait: HistogramData;
  /** The handler's own time. */
  job: HistogramData;
  /** From a line's acceptance until its reply is handed to the socket. */
  line: HistogramData;
}

/** A histogram of `SERVER_RESOLUTION`, with only the buckets that count something. */
export interface HistogramData {
  /** Indexes of buckets, ascending. */
  buckets: number[];
  /** How many values each of those counts. */
  counts: number[];
  /** Seconds, all values together. */
  sum: number;
}

/** The process. */
export interface ProcessShown {
  /** Seconds of processor time, of all its threads. */
  cpuSeconds: number;
  /** Resident memory. */
  rssBytes: number;
  /** Open descriptors, and their limit; absent if the system does not say. */
  openDescriptors?: number;
  maxDescriptors?: number;
  /** How late a timer of the reactor was, at the most, since the snapshot before, in seconds. */
  loopLagSeconds: number;
}

/** One thing that happened, in words. */
export interface EventShown {
  /** Counts up by one; never used again. */
  id: number;
  /** In milliseconds since 1970. */
  at: number;
  level: "debug" | "info" | "warn" | "error";
  /** Its type, as `--log json` has it. */
  type: string;
  /** A sentence without the content of any line. */
  text: string;
}
