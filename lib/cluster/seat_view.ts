/**
 * One place of a service as it is shown: the process that has it now, former ones that still answer their
 * last lines, and the counts of all that ever had it.
 */

import { bootingWorkers } from "../observe/booting_workers.ts";
import { isReady } from "../observe/readiness.ts";
import {
  type ServerProcessShown,
  type Snapshot,
  WORKER_STATES,
  type WorkerShown,
} from "../observe/snapshot.ts";
import { type Account, EMPTY, left, plus } from "./accounts.ts";

/** Seconds without a word after which the event loop of a process is taken for blocked. */
const BLOCKED_SECONDS = 3;

/** A process that runs, and what was heard of it. */
interface Present {
  process: object;
  pid?: number;
  snapshot?: Snapshot;
  /** By `performance.now()`. */
  heardAt: number;
}

/** A place, as it is shown. */
export class SeatView {
  readonly number: number;
  /** How many workers its process has. */
  readonly #workers: number;
  /** Processes that run, in the order in which they came: the last one has the place. */
  #present: Present[] = [];
  #came = 0;
  /** The counts of those that have ended, and of their workers, by ID. */
  #past: Account = EMPTY;
  readonly #pastWorkers = new Map<number, WorkerShown>();

  constructor(number: number, workers: number) {
    this.number = number;
    this.#workers = workers;
  }

  /** A process has been started in it. */
  join(process: object, pid?: number): void {
    this.#came++;
    this.#present.push({ process, pid, heardAt: performance.now() });
  }

  /** A process shows itself. */
  hear(process: object, snapshot: Snapshot): void {
    const present = this.#present.find((it) => it.process === process);
    if (present === undefined) return; // it has ended
    present.snapshot = snapshot;
    present.heardAt = performance.now();
  }

  /** A process has ended. */
  close(process: object): void {
    const present = this.#present.find((it) => it.process === process);
    if (present === undefined) return;
    this.#present = this.#present.filter((it) => it !== present);
    const { snapshot } = present;
    if (snapshot === undefined) return;
    this.#past = plus(this.#past, left(snapshot));
    for (const worker of snapshot.workers) {
      this.#pastWorkers.set(worker.id, ranBy(worker, this.#pastWorkers.get(worker.id)));
    }
  }

  /** The counts of all of them, and what those that run hold. */
  get account(): Account {
    return this.#present.reduce(
      (sum, { snapshot }) => snapshot === undefined ? sum : plus(sum, snapshot),
      this.#past,
    );
  }

  /** The newest snapshot of the process that has it. */
  get snapshot(): Snapshot | undefined {
    return this.#present.at(-1)?.snapshot;
  }

  /** A row for its process, even if it has none; then those that still answer their last lines. */
  rows(now: number): ServerProcessShown[] {
    const { lines: { accepted }, process: { cpuSeconds } } = this.account;
    const seat = { accepted, cpuSeconds, replaced: Math.max(0, this.#came - 1) };
    return [this.#present.at(-1), ...this.#present.slice(0, -1)].map((present, index) =>
      this.#row(present, { now, seat, former: index > 0 })
    );
  }

  /** The workers of its process, each with the counts of all that have had its ID. */
  get workers(): WorkerShown[] {
    const former = this.#present.slice(0, -1).flatMap(({ snapshot }) => snapshot?.workers ?? []);
    const shown = this.snapshot?.workers ?? bootingWorkers(this.#workers);
    return shown.map((worker) => {
      const before = former.filter(({ id }) => id === worker.id);
      const sum = before.reduce(ranAfter, ranBy(worker, this.#pastWorkers.get(worker.id)));
      return { ...sum, process: this.number };
    });
  }

  #row(
    present: Present | undefined,
    { now, seat, former }: { now: number; seat: ServerProcessShown["seat"]; former: boolean },
  ): ServerProcessShown {
    const { snapshot, pid, heardAt = now } = present ?? {};
    const age = (now - heardAt) / 1000;
    const { lines, connections, process } = snapshot ?? EMPTY;
    const state = present === undefined
      ? "gone"
      : former
      ? "former"
      : snapshot?.state ?? "starting";
    return {
      number: this.number,
      ...pid !== undefined && { pid },
      state,
      ready: !former && snapshot !== undefined && isReady(snapshot) && age < BLOCKED_SECONDS,
      ...snapshot !== undefined && { ageSeconds: age, startedAt: snapshot.startedAt },
      connections: connections.open,
      lines,
      workers: statesOf(
        snapshot?.workers ?? (present === undefined ? [] : bootingWorkers(this.#workers)),
      ),
      process,
      seat,
    };
  }
}

/** A worker, with what the one before it has run. */
function ranBy(worker: WorkerShown, before: WorkerShown | undefined): WorkerShown {
  if (before === undefined) return worker;
  return {
    ...worker,
    busySeconds: worker.busySeconds + before.busySeconds,
    lines: worker.lines + before.lines,
    replaced: worker.replaced + before.replaced,
  };
}

const ranAfter = (worker: WorkerShown, before: WorkerShown) => ranBy(worker, before);

function statesOf(workers: readonly WorkerShown[]): ServerProcessShown["workers"] {
  return Object.fromEntries(
    WORKER_STATES.map((state) => [state, workers.filter((it) => it.state === state).length])
      .filter(([, count]) => count !== 0),
  );
}
