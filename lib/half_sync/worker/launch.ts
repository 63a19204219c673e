/**
 * What a worker is told before it loads its handler: what a module may need to know as it starts, before the
 * context of its first job.
 *
 * It stands in the worker's name. In the entry module it would make each of those a module of its own, and
 * `deno test` would check the types of each anew.
 */

/** What a worker is started with. */
export interface Launch {
  /** What the IDs of connections begin with; no other process has it. */
  readonly processId: string;
  /** 1…N; a successor has the ID of the worker before it. */
  readonly workerId: number;
  /** The handler's words of the command line. */
  readonly args: readonly string[];
  /** Seconds that a job may run; 0: for ever. */
  readonly jobTimeout: number;
}

/** The values in a program that is no worker. */
const DEFAULT: Launch = { processId: "0", workerId: 1, args: [], jobTimeout: 30 };

let told: Launch | undefined;

/** The name of a worker that is to be told this. */
export function nameFor(facts: Launch): string {
  return `hsha worker ${facts.workerId} ${JSON.stringify(facts)}`;
}

/** Keeps what is told; a test calls it itself. */
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
  return facts === undefined ? DEFAULT : JSON.parse(facts); // `nameFor` has written it
}
