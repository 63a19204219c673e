/** Test tool: the metrics of a running server, as whoever scrapes them reads them. */

import { STEP } from "../../scripts/tools/deadline.ts";
import { ask, type Place } from "../../scripts/tools/raw_http.ts";

/** One scrape. */
export class Metrics {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Scrapes. */
  static async of(place: Place): Promise<Metrics> {
    return new Metrics((await ask(place, "GET /metrics")).body);
  }

  /** Scrapes until a condition holds. */
  static async when(
    place: Place,
    what: string,
    holds: (now: Metrics) => boolean,
  ): Promise<Metrics> {
    for (let waited = 0;; waited += 20) {
      const metrics = await Metrics.of(place);
      if (holds(metrics)) return metrics;
      if (waited >= STEP) throw new Error(`${what}: not within ${STEP} ms\n${metrics.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The value of a sample; NaN where there is none. */
  value(name: string): number {
    const line = this.text.split("\n").find((line) => line.startsWith(`${name} `));
    return line === undefined ? NaN : Number(line.slice(name.length + 1));
  }

  /** Lines by what became of them. */
  lines(outcome: "accepted" | "answered" | "failed" | "gone"): number {
    return this.value(`hsha_lines_total{outcome="${outcome}"}`);
  }
}
