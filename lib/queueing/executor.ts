/**
 * Port to the synchronous half: what runs jobs. The pool of Web Workers is one set of executors; worker
 * machines behind a broker, or programs, would be others. The queueing layer owns the port and knows none.
 */

/** Consecutive lines of one origin, as whoever runs them sees them. */
export interface JobRun {
  /** The lines as one byte string, one code unit per byte, parted by `\n`. */
  readonly text: string;
  /** Number of lines. */
  readonly count: number;
  /** The next `lines` lines are answered by `bytes`, valid during the call; `failed` of them by `ERR`. */
  answered(lines: number, bytes: Uint8Array, failed: number): void;
  /** Its lines took so many microseconds; `start` says where and when, if that is known. */
  took(micros: number, start?: RunStart): void;
  /** The line under way has been running for so many microseconds already. */
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
}

/** How much one batch may hold; a single line that is longer goes alone. */
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
  /** Of the busy ones that have room, the one with the least to do, if that is under `load` µs. */
  leastBusy(load: number): Executor | undefined;
}
