/**
 * What a worker is told before it loads its handler: what a module may need to know as it starts, and so
 * before the context of its first job.
 */

/** What a worker is started with. */
export interface Launch {
  /** What the IDs of connections begin with: no other process has it. */
  readonly processId: string;
  /** 1…N; a worker that replaces another has the same. */
  readonly workerId: number;
  /** The handler's words of the command line. */
  readonly args: readonly string[];
  /** Seconds that a job may run; 0: for ever. */
  readonly jobTimeout: number;
}

let told: Launch = { processId: "0", workerId: 1, args: [], jobTimeout: 30 };

/** Tells; called by the worker's entry module. */
export function launch(facts: Launch): void {
  told = Object.freeze({ ...facts, args: Object.freeze([...facts.args]) });
}

/** What was told. @returns no words and the default limit, in a program that is no worker */
export function launched(): Launch {
  return told;
}
