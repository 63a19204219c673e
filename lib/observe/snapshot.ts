/**
 * The snapshot: what a running server shows of itself, as one plain object. If there is a screen to show it
 * on, the reactor makes one every 250 ms. Metrics, health checks and live page are made from it. It quotes no
 * line.
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
  /** `starting` until it listens and its workers are ready, `stopping` from the beginning of its stop. */
  state: "starting" | "ready" | "stopping";
  /** Where it listens, as the log says it; absent until it does. */
  address?: string;
  options: OptionsShown;
  lines: LinesShown;
  connections: ConnectionsShown;
  bytes: BytesShown;
  queue: QueueShown;
  held: HeldShown;
  /** One for each worker ID, in the order of the IDs. */
  workers: WorkerShown[];
  /** Workers replaced, by reason: `timeout`, `died`, `heap` or `reload`. */
  replacements: Readonly<Record<string, number>>;
  /** Workers that could not be stopped, and have not come back. */
  abandoned: number;
  times: TimesShown;
  process: ProcessShown;
  /** The latest events, oldest first, fifty at most. */
  events: EventShown[];
  /** The latest lines followed, oldest first, fifty at most; absent unless a page shows slow motion. */
  samples?: LineSample[];
  /** With several processes: the one that has each number, in order; behind them those that are leaving. */
  processes?: ServerProcessShown[];
  /** With `nats`: each worker machine. */
  nodes?: NodeShown[];
}

/** A worker machine. */
export interface NodeShown {
  name: string;
  /** Lines of this server that it was given and has not answered, now. */
  lines: number;
  /** Its workers. */
  workers: number;
  /** How many of them this server may give lines to now. */
  credits: number;
}

/** What the server was told to do. */
export interface OptionsShown {
  /** A built-in handler's name, or the file name of one, without its folders. */
  handler: string;
  order: string;
  workers: number;
  /** Most connections. */
  maxConnections: number;
  /** Most lines accepted and not yet answered. */
  queueLimit: number;
  /** Longest line, in bytes. */
  maxLine: number;
  /** Seconds that a job may run; 0: for ever. */
  jobTimeout: number;
  overload: string;
}

/** What became of lines: `accepted` = `answered` + `failed` + `gone` + `unanswered`. */
export interface LinesShown {
  accepted: number;
  /** Lines with a reply that was handed to the socket, unless it is an `ERR`. */
  answered: number;
  /** Lines with an `ERR` reply that was handed to the socket. */
  failed: number;
  /** Lines whose connection was gone before their reply. */
  gone: number;
  /** Lines that wait, run, or have a reply that waits for an earlier one. They are counted, not computed. */
  unanswered: number;
}

/** The server's connections. */
export interface ConnectionsShown {
  /** Open now. */
  open: number;
  /** Of those, connections that are not read from, as the queue or their own share of memory is full. */
  paused: number;
  /** Served so far. */
  total: number;
  /** Refused at a limit. */
  refused: number;
}

/** Bytes from and to clients. */
export interface BytesShown {
  received: number;
  /** Handed to the sockets. */
  sent: number;
  /** Bytes of replies that the server keeps now, as clients have not read them. */
  unread: number;
}

/** The queueing layer, now. */
export interface QueueShown {
  /** Lines that wait for a worker. */
  lines: number;
  /** Their bytes. */
  bytes: number;
  /** Most bytes of lines that may be accepted and not yet answered. */
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
 * `late`: its job has run longer than the job timeout, and is being stopped; `stuck`: that failed.
 */
export type WorkerState = typeof WORKER_STATES[number];

/** The worker that has an ID now. Its sums include those of all workers that had the ID before. */
export interface WorkerShown {
  /** 1…N in its process. */
  id: number;
  /** With several processes: the number of its process. */
  process?: number;
  state: WorkerState;
  /** When the job under way began, in milliseconds since 1970; absent while there is none. */
  busySince?: number;
  /** Seconds spent in jobs. */
  busySeconds: number;
  /** Lines run. */
  lines: number;
  /** Lines that it has been given and not answered, now. */
  inFlight: number;
  /** Bytes of its heap when last measured; absent until then. */
  heapBytes?: number;
  /** Seconds that it took to load the handler; absent until it has. */
  bootSeconds?: number;
  /** How often a new worker took over this ID. */
  replaced: number;
}

/** One of several server processes, or a number that no process has now. */
export interface ServerProcessShown {
  /** 1…N; a process that takes its place takes its number. */
  number: number;
  /** Absent if no process has the number now. */
  pid?: number;
  /** `former`: it answers its last lines, and another one has its number; `gone`: no process has it now. */
  state: "starting" | "ready" | "stopping" | "former" | "gone";
  /** Whether it serves connections, and was heard from in the last seconds. */
  ready: boolean;
  /** Seconds since it was last heard from; absent until the first time. */
  ageSeconds?: number;
  /** When it was started, in milliseconds since 1970; absent until it has said so. */
  startedAt?: number;
  /** Open connections. */
  connections: number;
  lines: LinesShown;
  /** Its workers, by state. */
  workers: Readonly<Partial<Record<WorkerState, number>>>;
  process: ProcessShown;
  /** Sums of all processes that have had its number; `replaced` is how many came after the first. */
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

/** A histogram of `SERVER_RESOLUTION`, without its empty buckets. */
export interface HistogramData {
  /** Indexes of buckets, ascending. */
  buckets: number[];
  /** The number of values in each. */
  counts: number[];
  /** The sum of all values, in seconds. */
  sum: number;
}

/** What the system says of the server's process. */
export interface ProcessShown {
  /** Seconds of processor time, of all its threads. */
  cpuSeconds: number;
  /** Resident memory. */
  rssBytes: number;
  /** Open descriptors, and their limit; absent if the system does not say. */
  openDescriptors?: number;
  maxDescriptors?: number;
  /** How late the event loop ran a timer, at most, since the snapshot before, in seconds. */
  loopLagSeconds: number;
}

/** One thing that happened, in words. */
export interface EventShown {
  /** Counts up by one. */
  id: number;
  /** In milliseconds since 1970. */
  at: number;
  level: "debug" | "info" | "warn" | "error";
  /** Its type, as `--log json` has it. */
  type: string;
  /** One sentence; it quotes no line. */
  text: string;
}
