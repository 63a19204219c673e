/**
 * Tells the reactor what a handler throws: the first of a kind at once, those of the next second as one, with
 * their number. So a flood of them costs its lines little, and the reactor nothing.
 */

import type { ContextUse, EventListener, Fault } from "../../observe/events.ts";
import { now } from "../memory/clock.ts";
import { kindOf, originOf } from "./fault_origin.ts";
import { isUse, LateUse } from "./late_use.ts";

/** A fault as it crosses to the reactor. */
export interface ThrownFault extends Fault {
  /** Of the first of these: they may quote a line. */
  message: string;
  stack?: string;
  /** Nothing was thrown, but a context was used behind its job. */
  late?: ContextUse;
}

/** Milliseconds between two messages about one place. With less, a flood reaches the reactor. */
const INTERVAL = 1000;

/**
 * Faults that are looked at in that time; the others count with the last of their kind. With more, a flood
 * slows the worker down: a look at a stack costs as much as several thousand lines of an echo.
 */
const LOOKS = 20;

/** The timers, kept from before a handler could replace them. */
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

/** Faults of one kind and place, within the time. */
interface Entry {
  fault: ThrownFault;
  untold: number;
}

/** What one worker's handler throws. */
export class FaultReport {
  readonly #tell: (fault: ThrownFault) => void;
  /** Entries by kind and place, and the latest of each kind. */
  readonly #entries = new Map<string, Entry>();
  readonly #latest = new Map<string, Entry>();
  #looks = 0;
  #begun = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell Posts to the reactor */
  constructor(tell: (fault: ThrownFault) => void) {
    this.#tell = tell;
  }

  /** Takes whatever was thrown. Never throws. */
  note(thrown: unknown): void {
    const time = now();
    if (time - this.#begun >= INTERVAL) this.#begin(time);
    const kind = kindOf(thrown);
    const entry = this.#looks < LOOKS ? this.#look(thrown, kind) : this.#latest.get(kind);
    // A handler that makes classes as it goes must not cause more looks.
    if (entry !== undefined) entry.untold++;
    else this.#latest.values().next().value!.untold++;
    this.#timer ??= startTimer(() => this.flush(), INTERVAL);
  }

  /** Tells what waits; called at the end of the handler, too. */
  flush(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    for (const entry of this.#entries.values()) {
      if (entry.untold > 0) this.#tell({ ...entry.fault, times: entry.untold });
      entry.untold = 0;
    }
  }

  #begin(time: number): void {
    this.flush();
    this.#entries.clear();
    this.#latest.clear();
    this.#looks = 0;
    this.#begun = time;
  }

  /** The entry that it belongs to. A new one is told at once. */
  #look(thrown: unknown, kind: string): Entry {
    this.#looks++;
    const fault: ThrownFault = { kind, times: 1, ...originOf(thrown) };
    const late = LateUse.useOf(thrown);
    if (late !== undefined) fault.late = late;
    const key = `${kind} ${fault.place}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { fault, untold: -1 };
      this.#entries.set(key, entry);
      this.#tell(fault);
    }
    this.#latest.set(kind, entry);
    return entry;
  }
}

/** Whether it is a fault: a handler that has got hold of the port may send anything. */
export function isThrownFault(value: unknown): value is ThrownFault {
  if (typeof value !== "object" || value === null) return false;
  const { kind, place = "", permission = "", times, message, stack = "", late } =
    value as ThrownFault;
  return Number.isSafeInteger(times) && times > 0 && (late === undefined || isUse(late)) &&
    [kind, place, permission, message, stack].every((text) => typeof text === "string");
}

/** Tells of a fault by two events, one that everybody may see and one for debugging; of a late use by one. */
export function tellFault(
  onEvent: EventListener,
  { worker, fault, stray }: { worker: number; fault: ThrownFault; stray: boolean },
): void {
  const { message, stack, kind, place, permission, times, late } = fault;
  if (late !== undefined) {
    return onEvent({ type: "context_used_late", worker, use: late, ...place && { place }, times });
  }
  const common = { worker, kind, ...place && { place }, times };
  const type = stray ? "handler_strayed" : "jobs_failed";
  onEvent({ type, ...common, ...permission && { permission } });
  onEvent({ type: "handler_threw", ...common, message, ...stack && { stack } });
}
