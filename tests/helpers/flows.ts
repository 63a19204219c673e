/** Test tool: flows without connections, and a worker that is played by the test. */

import { Flow } from "../../lib/queueing/flow.ts";
import type { Answer, Capacity, Portion } from "../../lib/queueing/executor.ts";
import type { JobQueue } from "../../lib/queueing/job_queue.ts";
import { LineBlock } from "../../lib/queueing/line_block.ts";
import type { ReplySink, Run } from "../../lib/queueing/run.ts";

const NOTHING = new Uint8Array();

/** What a worker takes at once. */
export const CAPACITY: Capacity = { lines: 1024, bytes: 160 * 1024 };

/** A flow whose replies are only counted. */
export class TestFlow implements ReplySink {
  /** Whether its jobs must wait for room for their replies. */
  blocked = false;
  /** Lines answered. */
  answeredLines = 0;
  readonly flow: Flow;

  constructor(queue: JobQueue) {
    this.flow = new Flow(queue, this);
  }

  /** Accepts lines. */
  push(...lines: string[]): Run {
    return this.flow.push(new LineBlock(lines.join("\n"), lines.length));
  }

  executorLost(): void {}

  answered(_run: Run, { lines }: Answer): void {
    this.answeredLines += lines;
  }
}

/** The lines of a portion, in the order in which a worker would run them. */
export function linesOfPortion(portion: Portion | undefined): string[] {
  return portion?.runs.flatMap((run) => run.text.split("\n")) ?? [];
}

/** Answers every line of a portion, each of which took `micros` microseconds. */
export function answerPortion(portion: Portion, micros = 10): void {
  for (const run of portion.runs) {
    run.answered({ lines: run.count, bytes: NOTHING, failed: 0, ends: false });
    run.took(micros * run.count);
  }
}
