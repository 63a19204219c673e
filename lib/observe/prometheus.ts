/** The page of metrics: a snapshot in Prometheus' text format. */

import { addMetrics } from "./metrics.ts";
import { PrometheusText } from "./prometheus_text.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Makes the page.
 *
 * @param snapshot What the server shows.
 * @param now Milliseconds since 1970.
 */
export function toPrometheus(snapshot: Snapshot, now: number): string {
  const text = new PrometheusText();
  addMetrics(text, snapshot, now);
  return text.toString();
}
