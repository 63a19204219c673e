/**
 * What a worker is told before it loads its handler: what a module may need to know as it starts, and so
 * before the context of its first job.
 *
 * It stands in the worker's name. In its entry module it would make each of them another module, that
 * `deno test` checks the types of anew: 7 s a worker on a busy machine.
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

/** What is true in a program that is no worker. */
const DEFAULT: Launch = { processId: "0", workerId: 1, args: [], jobTimeout: 30 };

let told: Launch | undefined;

/** The name of the worker that is to be told this. */
export function nameFor(facts: Launch): string {
  return `hsha worker ${facts.workerId} ${JSON.stringify(facts)}`;
}

/** Tells it, where there is no worker: in a test. */
export function launch(facts: Launch): void {
  told = Object.freeze({ ...facts, args: Object.freeze([...facts.args]) });
}

/** What was told. */
export function launched(): Launch {
  if (told === undefined) launch(read("name" in globalThis ? String(globalThis.name) : ""));
  return told!;
}

function read(name: string): Launch {
  const facts = name.match(/^hsha worker \d+ (.*)$/s)?.[1];
  return facts === undefined ? DEFAULT : JSON.parse(facts); // which `nameFor` has written
}
