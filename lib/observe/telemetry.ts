/**
 * The screen for OpenTelemetry: shows the metrics as observable instruments, which Deno collects and exports
 * if it was told to (`OTEL_DENO=true`). If nobody collects them, the API is not even loaded.
 */

import { addMetrics } from "./metrics.ts";
import type { Bound, Family, Labels, MetricSink, MetricType } from "./prometheus_text.ts";
import type { OpenScreen, Screen } from "./screen.ts";
import type { Snapshot } from "./snapshot.ts";

/** The parts of the API that are used here. */
type Api = typeof import("npm:@opentelemetry/api@1.9.0");
type Meter = ReturnType<Api["metrics"]["getMeter"]>;
type Observable = ReturnType<Meter["createObservableGauge"]>;
type Observe = (
  instrument: Observable,
  value: number,
  attributes: Record<string, string>,
) => void;

/**
 * The screen, if anybody collects metrics.
 *
 * @param labels Added to the labels of each value.
 */
export function telemetryScreens(labels: Labels = {}): OpenScreen[] {
  return isOn() ? [() => TelemetryScreen.open(labels)] : [];
}

/**
 * Whether anybody collects metrics: Deno, or code that has registered itself where the API looks. In a
 * standalone binary that is decided when it is compiled, so its environment cannot be asked.
 */
function isOn(): boolean {
  const registered = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1"));
  return registered?.metrics !== undefined;
}

/** Shows the newest snapshot to the collector. */
class TelemetryScreen implements Screen {
  readonly #meter: Meter;
  readonly #labels: Labels;
  /** The instruments by name. */
  readonly #instruments = new Map<string, Observable>();
  readonly #collect: Parameters<Meter["addBatchObservableCallback"]>[0];
  #newest: Snapshot | undefined;

  private constructor(meter: Meter, labels: Labels) {
    this.#meter = meter;
    this.#labels = labels;
    this.#collect = (result) =>
      this.#tell((instrument, value, attributes) => result.observe(instrument, value, attributes));
  }

  static async open(labels: Labels): Promise<TelemetryScreen> {
    // Not by a name of deno.json's: a project that uses this one as a library does not have it.
    // deno-lint-ignore no-import-prefix
    const { metrics } = await import("npm:@opentelemetry/api@1.9.0");
    return new TelemetryScreen(metrics.getMeter("hsha"), labels);
  }

  post(snapshot: Snapshot): void {
    const isFirst = this.#newest === undefined;
    this.#newest = snapshot;
    if (!isFirst) return;
    this.#tell(() => {}); // only to make the instruments
    this.#meter.addBatchObservableCallback(this.#collect, [...this.#instruments.values()]);
  }

  end(): Promise<void> {
    this.#meter.removeBatchObservableCallback(this.#collect, [...this.#instruments.values()]);
    return Promise.resolve();
  }

  #tell(observe: Observe): void {
    if (this.#newest === undefined) return;
    const sink = new Flat((family, samples) => {
      const instrument = this.#instrument(family);
      for (const [labels, value] of samples) {
        observe(instrument, value, texts({ ...this.#labels, ...labels }));
      }
    });
    addMetrics(sink, this.#newest, Date.now());
  }

  #instrument({ name, type, help }: Flattened): Observable {
    const known = this.#instruments.get(name);
    if (known !== undefined) return known;
    const options = { description: help, unit: unitOf(name) };
    const made = type === "counter"
      ? this.#meter.createObservableCounter(name, options)
      : this.#meter.createObservableGauge(name, options);
    this.#instruments.set(name, made);
    return made;
  }
}

/** A family that is not a histogram. */
type Flattened = Omit<Family, "type"> & { type: Exclude<MetricType, "histogram"> };

/**
 * A sink that turns each histogram, which OpenTelemetry cannot observe, into three counters. They have the
 * names that Prometheus gives them.
 */
class Flat implements MetricSink {
  readonly #take: (family: Flattened, samples: readonly (readonly [Labels, number])[]) => void;

  constructor(take: (family: Flattened, samples: readonly (readonly [Labels, number])[]) => void) {
    this.#take = take;
  }

  family({ name, type, help }: Family, samples: readonly (readonly [Labels, number])[]): void {
    this.#take({ name, type: type === "counter" ? "counter" : "gauge", help }, samples);
  }

  histogram(
    { name, help }: Omit<Family, "type">,
    bounds: readonly Bound[],
    { count, sum }: { count: number; sum: number },
  ): void {
    const counter = (suffix: string, samples: (readonly [Labels, number])[]) =>
      this.#take({ name: `${name}_${suffix}`, type: "counter", help }, samples);
    counter("bucket", [...bounds, ["+Inf", count] as const].map(([le, below]) => [{ le }, below]));
    counter("sum", [[{}, sum]]);
    counter("count", [[{}, count]]);
  }
}

/** Labels as texts, as Prometheus has them: a worker's ID is a name, not a quantity. */
function texts(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

/** The unit of a metric, as OpenTelemetry names it; mere counts have none. */
function unitOf(name: string): string | undefined {
  if (/_seconds(_total|_sum)?$/.test(name)) return "s";
  return /_bytes(_total)?$/.test(name) ? "By" : undefined;
}
