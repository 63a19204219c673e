/**
 * The text format of Prometheus, version 0.0.4: builds a page of metrics, family by family. It knows how
 * values and labels are written, and nothing about this server.
 */

/** What a family of metrics is. */
export type MetricType = "counter" | "gauge" | "histogram";

/** Labels of one sample. */
export type Labels = Readonly<Record<string, string | number>>;

/** A family: its name, its type, and one sentence of help with its unit. */
export interface Family {
  name: string;
  type: MetricType;
  help: string;
}

/** An upper bound of a histogram, and how many values do not exceed it. */
export type Bound = readonly [bound: number, count: number];

/** The media type of the page. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Port to what publishes metrics: Prometheus' text, OpenTelemetry. */
export interface MetricSink {
  /** Adds a family with its samples; there may be none. */
  family(family: Family, samples: readonly (readonly [Labels, number])[]): void;
  /**
   * Adds a histogram.
   *
   * @param bounds In ascending order.
   * @param all The number and the sum of all values.
   */
  histogram(
    family: Omit<Family, "type">,
    bounds: readonly Bound[],
    all: { count: number; sum: number },
  ): void;
}

/** A page of metrics; a family without samples is left out. */
export class PrometheusText implements MetricSink {
  #text = "";

  family(family: Family, samples: readonly (readonly [Labels, number])[]): void {
    if (samples.length === 0) return;
    this.#begin(family);
    for (const [labels, value] of samples) this.#sample(family.name, labels, value);
  }

  histogram(
    { name, help }: Omit<Family, "type">,
    bounds: readonly Bound[],
    all: { count: number; sum: number },
  ): void {
    this.#begin({ name, type: "histogram", help });
    for (const [bound, count] of bounds) this.#sample(`${name}_bucket`, { le: bound }, count);
    this.#sample(`${name}_bucket`, { le: "+Inf" }, all.count);
    this.#sample(`${name}_sum`, {}, all.sum);
    this.#sample(`${name}_count`, {}, all.count);
  }

  /** The page so far. */
  toString(): string {
    return this.#text;
  }

  #begin({ name, type, help }: Family): void {
    this.#text += `# HELP ${name} ${escape(help, /[\\\n]/g)}\n# TYPE ${name} ${type}\n`;
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels)
      .map(([label, text]) => `${label}="${escape(String(text), /[\\\n"]/g)}"`);
    this.#text += `${name}${pairs.length > 0 ? `{${pairs.join()}}` : ""} ${value}\n`;
  }
}

function escape(text: string, special: RegExp): string {
  return text.replaceAll(special, (character) => character === "\n" ? "\\n" : `\\${character}`);
}
