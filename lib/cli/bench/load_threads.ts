/**
 * A load from one thread or several: shares a plan out, starts all threads at once, and adds up what
 * they found.
 */

import { Failure } from "../failure.ts";
import { Load, type LoadPlan } from "./load.ts";
import { LoadStats } from "./load_stats.ts";
import type { LoadOrder, LoadReport } from "./load_worker.ts";

/** A thread that is ready to send. */
interface Thread {
  run(): Promise<LoadStats>;
  /** Ends the time of the plan now. */
  stop(): void;
  /** Right replies counted so far. */
  readonly lines: number;
}

/** Threads whose connections are open. */
export class LoadThreads {
  readonly #threads: Thread[];

  private constructor(threads: Thread[]) {
    this.#threads = threads;
  }

  /**
   * Opens the connections of a plan, shared out over threads. One thread is this one, several are
   * Web Workers.
   *
   * @throws {Failure} One of the connections cannot be opened.
   */
  static async open(plan: LoadPlan, threads: number): Promise<LoadThreads> {
    if (threads === 1) return new LoadThreads([await Load.open(plan)]);
    return new LoadThreads(await Promise.all(share(plan, threads).map(WorkerThread.open)));
  }

  /** Right replies counted so far. */
  get lines(): number {
    return this.#threads.reduce((sum, { lines }) => sum + lines, 0);
  }

  /** Ends the load before its time. */
  stop(): void {
    for (const thread of this.#threads) thread.stop();
  }

  /** Runs the load, and adds up what the threads found. */
  async run(): Promise<LoadStats> {
    const [first, ...others] = await Promise.all(this.#threads.map((thread) => thread.run()));
    for (const other of others) first.add(other.toState());
    return first;
  }
}

/** A plan for each thread; the first ones take a connection more where they do not divide evenly. */
function share(plan: LoadPlan, threads: number): LoadPlan[] {
  let firstConnection = 0;
  return Array.from({ length: threads }, (_, i) => {
    const connections = Math.floor((plan.connections + threads - 1 - i) / threads);
    const rate = plan.rate && plan.rate * connections / plan.connections;
    const part = { ...plan, connections, firstConnection, rate };
    firstConnection += connections;
    return part;
  });
}

/** A thread in a Web Worker. */
class WorkerThread implements Thread {
  lines = 0;
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async open(this: void, plan: LoadPlan): Promise<Thread> {
    const thread = new WorkerThread(
      new Worker(import.meta.resolve("./load_worker.ts"), { type: "module" }),
    );
    await thread.#ask({ plan });
    return thread;
  }

  async run(): Promise<LoadStats> {
    const report = await this.#ask({ begin: true });
    this.#worker.terminate();
    const stats = new LoadStats();
    if ("findings" in report) stats.add(report.findings);
    return stats;
  }

  stop(): void {
    this.#worker.postMessage({ stop: true } satisfies LoadOrder);
  }

  /** Gives an order; resolves to the report that answers it. */
  #ask(order: LoadOrder): Promise<LoadReport> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<LoadReport>) => {
        if ("lines" in data) this.lines = data.lines;
        else if ("failure" in data) reject(new Failure(data.failure));
        else resolve(data);
      };
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new Failure(`A thread of the load broke: ${event.message}`));
      };
      this.#worker.postMessage(order);
    });
  }
}
