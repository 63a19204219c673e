/**
 * OpenTelemetry: the metrics as observable instruments, for a program that Deno was told to observe
 * (`OTEL_DENO=true`). Deno collects and exports them. If nobody does, the API is not loaded.
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
 * A screen for Deno's own OpenTelemetry, if it is on.
 *
 * @param labels Labels of each value, beside its own.
 */
export function telemetryScreens(labels: Labels = {}): OpenScreen[] {
  return isOn() ? [() => TelemetryScreen.open(labels)] : [];
}

/**
 * Whether anything collects metrics: Deno, or another program that has registered itself where the API looks.
 * A binary decides that when it is compiled, whatever its environment says.
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
    // Not by a name in deno.json: a project that uses this one as a library would need to know it.
    // deno-lint-ignore no-import-prefix
    const { metrics } = await import("npm:@opentelemetry/api@1.9.0");
    return new TelemetryScreen(metrics.getMeter("hsha"), labels);
  }

  post(snapshot: Snapshot): void {
    const isFirst = this.#newest === undefined;
    this.#newest = snapshot;
    if (!isFirst) return;
    this.#tell(() => {}); // makes the instruments
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

/** A family that is no histogram. */
type Flattened = Omit<Family, "type"> & { type: Exclude<MetricType, "histogram"> };

/**
 * Takes metrics without histograms, which OpenTelemetry cannot observe: each becomes three counters, by the
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

/** Labels as Prometheus has them: a worker's ID is a name, not a quantity. */
function texts(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

/** The unit, by OpenTelemetry's names; mere counts have none. */
function unitOf(name: string): string | undefined {
  if (/_seconds(_total|_sum)?$/.test(name)) return "s";
  return /_bytes(_total)?$/.test(name) ? "By" : undefined;
}
