/** Test tool: a run of lines that remembers what became of it. */

import { type Answer, type JobRun, NOBODY } from "../../lib/queueing/executor.ts";
import { byteString } from "../../scripts/tools/line_client.ts";

/** A run that remembers what became of it. */
export class PlayedRun implements JobRun {
  readonly kind = "lines";
  readonly origin = NOBODY;
  readonly text: string;
  readonly count: number;
  readonly told: string[] = [];

  constructor(...lines: string[]) {
    this.text = lines.join("\n");
    this.count = lines.length;
  }

  answered({ lines, bytes, failed }: Answer): void {
    this.told.push(`${lines} ${failed} ${JSON.stringify(byteString(bytes))}`);
  }

  took(): void {
    this.told.push("took");
  }

  stalled(micros: number): void {
    this.told.push(`stalled ${micros}`);
  }

  takeBack(from: number): void {
    this.told.push(`back from ${from}`);
  }
}
