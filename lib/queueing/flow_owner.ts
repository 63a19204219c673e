/** What a flow sees of the queue that it belongs to. */

import type { CommonCost } from "./cost_estimate.ts";
import type { Lane, LaneMember } from "./lane.ts";
import type { LineBlock } from "./line_block.ts";
import type { LineObserver } from "./line_observer.ts";

/** What a flow is a part of, and tells of what becomes of its lines: the queue. */
export interface FlowOwner<Flow extends LaneMember<Flow>> extends CommonCost {
  /** Whether a flow's next job waits for the one before it. */
  readonly serial: boolean;
  /** Watches the lines of all flows. */
  readonly observer?: LineObserver;
  /** A flow has accepted lines. */
  pushed(flow: Flow, lines: LineBlock): void;
  /** The lane of flows that have none of their own. */
  readonly lane: Lane<Flow>;
  /** Jobs of a flow wait: new ones that are no lines, or such as were taken back. */
  wait(flow: Flow, jobs: number, bytes: number): void;
  /** Lines have been answered, or given up. */
  answered(lines: number, bytes: number): void;
  /** A flow's run was taken, and should cost so many microseconds. */
  charge(flow: Flow, expected: number): void;
  /** Lines were taken back that should have cost so many microseconds; `whole`: all that is left of a run. */
  refund(flow: Flow, expected: number, whole: boolean): void;
  /** A run that should cost `expected` microseconds has cost `micros`. */
  settle(flow: Flow, expected: number, micros: number): void;
  /** A flow may have jobs to take that it did not have before. */
  activate(flow: Flow): void;
  /** Jobs of a flow wait no more, and are given up. */
  dropped(flow: Flow, jobs: number, bytes: number): void;
}
