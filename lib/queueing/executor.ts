/**
 * Port to the synchronous half: what runs jobs. The pool of Web Workers is one set of executors, the worker
 * machines behind NATS are another. The queueing layer owns the port and knows neither.
 */

/** Where lines come from, as their jobs may see it. */
export interface Origin {
  /** The connection's number; no other connection of this process has it. */
  readonly number: number;
  /** Its client. */
  readonly addr: Deno.Addr;
  /** The process that serves the connection, if it is another one. */
  readonly process?: string;
}

/** The origin of lines that come from no connection. */
export const NOBODY: Origin = { number: 0, addr: { transport: "unix", path: "" } };

/** What a run is: lines of a connection, or one job at the connection's beginning or end. */
export type RunKind = "lines" | "open" | "close";

/** How the next lines of a run were answered. */
export interface Answer {
  /** How many lines. */
  lines: number;
  /** Their replies, valid during the call. */
  bytes: Uint8Array;
  /** How many of the lines got an error reply. */
  failed: number;
  /** Whether the job of the last line has ended the connection behind its reply. */
  ends: boolean;
}

/** Consecutive lines of one origin, as their executor sees them. */
export interface JobRun {
  readonly kind: RunKind;
  readonly origin: Origin;
  /** The lines as one byte string, one code unit per byte, parted by `\n`. */
  readonly text: string;
  /** Number of lines; 1 for a connection's beginning or end. */
  readonly count: number;
  /** The next lines are answered. */
  answered(answer: Answer): void;
  /** Its lines took `micros` microseconds; `start` says where and when, if that is known. */
  took(micros: number, start?: RunStart): void;
  /** The line under way has run for `micros` microseconds so far. */
  stalled(micros: number): void;
  /** The lines from index `from` on have not been started: another executor may have them. */
  takeBack(from: number): void;
}

/** Where and when a run was begun. */
export interface RunStart {
  /** The executor's ID. */
  executor: number;
  /** In milliseconds, by `performance.now()`. */
  at: number;
}

/** Runs that travel together. */
export interface Portion<Run extends JobRun = JobRun> {
  runs: Run[];
  /** Estimated cost, in microseconds. */
  cost: number;
  /** Lines accepted and not yet answered, of all connections. */
  unanswered: number;
}

/** How much one batch may hold; a longer line goes alone. */
export interface Capacity {
  /** Most lines. */
  readonly lines: number;
  /** Most bytes of them. */
  readonly bytes: number;
}

/** Something that runs jobs, one after the other. */
export interface Executor {
  /** 1…N, fixed for the life of the server. */
  readonly id: number;
  /** Estimated cost of what it holds, in microseconds. */
  readonly load: number;
  /** Whether it holds nothing. */
  readonly idle: boolean;
  /** Whether it can be sent another batch. */
  readonly hasRoom: boolean;
  /** Takes a batch; there must be room for one. */
  send(portion: Portion): void;
}

/** All executors of one kind. */
export interface ExecutorSet {
  readonly capacity: Capacity;
  /** Called when an executor has room again, or has given lines back. */
  onRoom: () => void;
  /** How many have nothing to do. */
  readonly idleCount: number;
  /** One that has nothing to do. */
  idle(): Executor | undefined;
  /** The busy executor with room that has the least to do, if that is under `load` µs. */
  leastBusy(load: number): Executor | undefined;
  /** Those that may be given new connections of their own. */
  readonly all: readonly Executor[];
  /** Called when an executor is lost, or has to go though it is alive: connections pinned to it end. */
  onLost: (executor: Executor, reason: string, isAlive: boolean) => void;
  /** Resolves when no connection is pinned to an executor any more: it must not go before. */
  whenUnpinned: (executor: Executor) => Promise<void>;
}
