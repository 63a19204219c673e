/** OpenTelemetry: a collector that the test plays gets the numbers of `/metrics`, and nobody else pays. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
// deno-lint-ignore no-import-prefix -- by the name that the library has for it
import { type Meter, metrics } from "npm:@opentelemetry/api@1.9.0";
import { exchangeText } from "./helpers/client.ts";
import { childrenOf } from "./helpers/cluster.ts";
import { until, within } from "./helpers/deadline.ts";
import { FaultServer } from "./helpers/fault_server.ts";
import { ROOT, ServerProcess } from "./helpers/program.ts";
import { freeze } from "../scripts/tools/process.ts";
import { startServer } from "./helpers/server.ts";

/** A value as OTLP has it in JSON, where 64-bit integers are texts. */
interface DataPoint {
  attributes: { key: string; value: { stringValue?: string; intValue?: string | number } }[];
  asInt?: string | number;
  asDouble?: number;
}

/** What is exported of one instrument. */
interface Metric {
  name: string;
  unit: string;
  description: string;
  sum?: { dataPoints: DataPoint[]; isMonotonic: boolean };
  gauge?: { dataPoints: DataPoint[] };
}

/** A collector that keeps what it was told last. */
class Collector implements AsyncDisposable {
  metrics = new Map<string, Metric>();
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  #waiting: (() => boolean)[] = [];

  constructor() {
    this.#http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const body = await request.text();
      if (new URL(request.url).pathname === "/v1/metrics") this.#take(JSON.parse(body));
      return Response.json({});
    });
  }

  /** What tells Deno of it. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#http.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
    };
  }

  /** The value of an instrument with these attributes; NaN where there is none. */
  value(name: string, attributes: Record<string, string> = {}): number {
    const metric = this.metrics.get(name);
    const points = (metric?.sum ?? metric?.gauge)?.dataPoints ?? [];
    const found = points.find((point) => {
      const all = point.attributes.map(({ key, value }) =>
        [key, String(value.stringValue ?? value.intValue)] as const
      );
      return JSON.stringify(Object.fromEntries(all)) === JSON.stringify(attributes);
    });
    return Number(found?.asDouble ?? found?.asInt ?? NaN);
  }

  /** Waits for an export of which a condition holds. */
  until(holds: () => boolean, what: string): Promise<void> {
    return within(
      new Promise((resolve) => {
        this.#waiting.push(() => {
          const done = holds();
          if (done) resolve();
          return !done;
        });
      }),
      what,
    );
  }

  #take(
    { resourceMetrics }: {
      resourceMetrics: { scopeMetrics: { scope: { name: string }; metrics: Metric[] }[] }[];
    },
  ): void {
    const scopes = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
    const own = scopes.filter(({ scope }) => scope.name === "hsha");
    if (own.length === 0) return;
    this.metrics = new Map(own.flatMap(({ metrics }) => metrics).map((it) => [it.name, it]));
    this.#waiting = this.#waiting.filter((isStillWaiting) => isStillWaiting());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

Deno.test("with OTEL_DENO a collector gets the numbers of the metrics", async () => {
  await using collector = new Collector();
  await using server = await ServerProcess.start(["--workers", "2"], { env: collector.env });
  const replies = await exchangeText(server.addr, "a line\n".repeat(300));
  assertEquals(replies.split("\n").length, 301);
  await collector.until(
    () => collector.value("hsha_lines_total", { outcome: "answered" }) === 300,
    "an export of all lines",
  );
  assertEquals(collector.value("hsha_lines_total", { outcome: "accepted" }), 300);
  assertEquals(collector.value("hsha_connections_total"), 1);
  assertEquals(collector.value("hsha_line_seconds_count"), 300);
  assertEquals(collector.value("hsha_line_seconds_bucket", { le: "+Inf" }), 300);
  const lines = ["1", "2"].map((worker) => collector.value("hsha_worker_lines_total", { worker }));
  assertEquals(lines[0] + lines[1], 300);
  assertGreaterOrEqual(collector.value("process_resident_memory_bytes"), 1e7);
  const { unit, description, sum } = collector.metrics.get("hsha_received_bytes_total")!;
  assertEquals([unit, description, sum?.isMonotonic], [
    "By",
    "Bytes received from clients.",
    true,
  ]);
  assert(collector.metrics.get("hsha_connections")?.gauge !== undefined);
});

Deno.test("each of several processes has its number beside its values", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using collector = new Collector();
  const args = ["--workers", "1", "--processes", "2"];
  await using server = await FaultServer.start(args, { env: collector.env });
  const seen = new Set<string>();
  const isSeen = () => {
    for (const process of ["1", "2"]) {
      if (collector.value("hsha_ready", { process }) === 1) seen.add(process);
    }
    return seen.size === 2;
  };
  await collector.until(isSeen, "an export of both");
  // Not by a signal that they hear: Deno hangs if it ends while it collects. Their supervisor must start
  // no others meanwhile.
  await freeze(server.pid);
  for (const pid of [...childrenOf(server.pid), server.pid]) Deno.kill(pid, "SIGKILL");
});

Deno.test("without OTEL_DENO nothing of OpenTelemetry is loaded", async () => {
  await using collector = new Collector();
  const command = [Deno.execPath(), "run", "-A", "--log-level=debug", `${ROOT}main.ts`];
  const loads = async (env: Record<string, string>) => {
    await using server = await ServerProcess.start(["--workers", "1"], { command, env });
    return server.stderr.includes("@opentelemetry/api/");
  };
  assertEquals(await loads(collector.env), true);
  assertEquals(await loads({ ...collector.env, OTEL_DENO: "false" }), false);
});

Deno.test("a program's own meter provider gets the instruments, and they go with the server", async () => {
  const names: string[] = [];
  const create = (name: string) => {
    names.push(name);
    return { name };
  };
  type Callback = (result: { observe: (of: { name: string }, value: number) => void }) => void;
  const callbacks = new Set<Callback>();
  const meter = {
    createObservableCounter: create,
    createObservableGauge: create,
    addBatchObservableCallback: (callback: Callback) => callbacks.add(callback),
    removeBatchObservableCallback: (callback: Callback) => callbacks.delete(callback),
  };
  metrics.setGlobalMeterProvider({ getMeter: () => meter as unknown as Meter });
  try {
    await using server = await startServer({ workers: 2 });
    using _client = await server.connect();
    assertEquals(callbacks.size, 1);
    assertEquals(new Set(names).size, names.length);
    const read = (name: string) => {
      const values: number[] = [];
      const observe = (of: { name: string }, value: number) =>
        of.name === name && values.push(value);
      for (const callback of callbacks) callback({ observe });
      return values;
    };
    await until(() => read("hsha_connections")[0] === 1, "the connection");
    assertEquals(read("hsha_worker_lines_total"), [0, 0]);
  } finally {
    metrics.disable();
  }
  assertEquals(callbacks.size, 0);
});
