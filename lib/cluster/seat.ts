/**
 * One of the numbered places of a service: keeps a process in it, and starts a new one when that one leaves.
 * If processes do not last, the pauses between them grow.
 */

import type { EventListener } from "../observe/events.ts";
import type { End, SupervisedProcess } from "./server_process.ts";

/** Why a service cannot start, or go on. */
export class ServiceFailure extends Error {
  override name = "ServiceFailure";
  /** @param code The exit code that says so. */
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** Options of a {@linkcode Seat}. */
export interface SeatOptions {
  number: number;
  /** Starts a process. */
  launch: (number: number) => SupervisedProcess;
  /** Called when a process listens. */
  onListen: () => void;
  onEvent: EventListener;
  /** Whether a start that fails ends the service: while the service starts, or when no process serves. */
  isVital: (failures: number) => boolean;
}

/** Milliseconds that a process must have listened for its successor to start without a pause. */
const STEADY = 1000;

/** Seconds of the first pause, which doubles, and of the longest one. */
const FIRST_PAUSE = 0.1;
const LONGEST_PAUSE = 5;

/** A place of a service. */
export class Seat {
  readonly #options: SeatOptions;
  #process: SupervisedProcess | undefined;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /** The process in it that takes connections, if there is one. */
  get process(): SupervisedProcess | undefined {
    return this.#process;
  }

  /**
   * Keeps a process in it until `signal` aborts.
   *
   * @throws {ServiceFailure} if a vital process does not start
   */
  async keep(signal: AbortSignal): Promise<void> {
    const { number: process, launch, onListen, onEvent, isVital } = this.#options;
    // Processes in a row that did not start, or were gone within STEADY.
    for (let failures = 0; !signal.aborted;) {
      const current = launch(process);
      const listened = await current.listening;
      const since = performance.now();
      if (listened) {
        this.#process = current;
        onListen();
      }
      const reason = await current.leaving;
      this.#process = undefined;
      if (signal.aborted) return;
      failures = listened && performance.now() - since >= STEADY ? 0 : failures + 1;
      const retrySeconds = pauseAfter(failures);
      if (listened) {
        onEvent({ type: "process_replaced", process, reason });
      } else {
        if (isVital(failures)) throw failure(process, await current.ended);
        onEvent({ type: "process_start_failed", process, reason, retrySeconds });
      }
      if (retrySeconds > 0) await pause(retrySeconds * 1000, signal);
    }
  }
}

function failure(process: number, { reason, said, code }: End): ServiceFailure {
  return new ServiceFailure(said ? reason : `process ${process} did not start: ${reason}`, code);
}

/** Seconds until the next try. */
function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    signal.addEventListener("abort", end);
  });
}
