/** What a flow sees of the queue that it belongs to. */

import type { CommonCost } from "./cost_estimate.ts";
import type { Lane, LaneMember } from "./lane.ts";
import type { LineBlock } from "./line_block.ts";
import type { LineObserver } from "./line_observer.ts";

/** The queue, as a flow sees it: it is told what becomes of the flow's lines. */
export interface FlowOwner<Flow extends LaneMember<Flow>> extends CommonCost {
  /** Whether a flow's next job waits for the one before it. */
  readonly serial: boolean;
  /** Watches the lines of all flows. */
  readonly observer?: LineObserver;
  /** A flow has accepted lines. */
  pushed(flow: Flow, lines: LineBlock): void;
  /** The lane of flows that have none of their own. */
  readonly lane: Lane<Flow>;
  /** Jobs of a flow wait: an opening or end that is new, or lines that were taken back. */
  wait(flow: Flow, jobs: number, bytes: number): void;
  /** Lines have been answered, or given up. */
  answered(lines: number, bytes: number): void;
  /** A flow may have jobs to take again. */
  activate(flow: Flow): void;
  /** Waiting jobs of a flow are given up. */
  dropped(flow: Flow, jobs: number, bytes: number): void;
}
