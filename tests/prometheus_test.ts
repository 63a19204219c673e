/** The metrics: their text, what promtool says of it, and what a real Prometheus makes of it. */

import { assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Histogram } from "../lib/observe/histogram.ts";
import { toPrometheus } from "../lib/observe/prometheus.ts";
import { PrometheusText } from "../lib/observe/prometheus_text.ts";
import type { ServerProcessShown } from "../lib/observe/snapshot.ts";
import { WebHost } from "../lib/observe/web_host.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { ROOT } from "./helpers/program.ts";
import { promtool } from "./helpers/promtool.ts";
import { RealPrometheus } from "./helpers/real_prometheus.ts";
import { startServer } from "./helpers/server.ts";
import { needs } from "./helpers/tools.ts";

/** Answers in capitals, or fails. */
const HANDLER = `export default (line) => {
  if (line === "fail") throw new Error("no");
  return line.toUpperCase();
};`;

/** A server that has been used, and has something in each field. */
function used(): FakeServer {
  const fake = new FakeServer({ rate: 4000, workers: 3 });
  fake.connect(9);
  fake.advance(1);
  fake.replace(2);
  return fake;
}

/** One of several processes. */
const PROCESS: ServerProcessShown = {
  number: 1,
  pid: 9,
  state: "ready",
  ready: true,
  connections: 0,
  lines: { accepted: 0, answered: 0, failed: 0, gone: 0, unanswered: 0 },
  workers: { idle: 1 },
  process: { cpuSeconds: 1, rssBytes: 1e6, loopLagSeconds: 0 },
  seat: { accepted: 0, cpuSeconds: 1, replaced: 0 },
};

/** The value of a sample. */
function valueOf(text: string, name: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

Deno.test("toPrometheus shows each name of the contract with its value", () => {
  const snapshot = used().advance(1);
  const text = toPrometheus(snapshot, snapshot.at + 500);
  const { lines, connections, queue, bytes, times } = snapshot;
  const expected: [name: string, value: number][] = [
    ['hsha_lines_total{outcome="accepted"}', lines.accepted],
    ['hsha_lines_total{outcome="answered"}', lines.answered],
    ['hsha_lines_total{outcome="failed"}', lines.failed],
    ['hsha_lines_total{outcome="gone"}', lines.gone],
    ["hsha_connections", connections.open],
    ["hsha_connections_total", connections.total],
    ["hsha_connections_refused_total", connections.refused],
    ["hsha_queue_lines", queue.lines],
    ["hsha_queue_bytes", queue.bytes],
    ['hsha_workers{state="booting"}', 1],
    ['hsha_workers{state="stuck"}', 0],
    ['hsha_worker_replacements_total{reason="timeout"}', 1],
    ["hsha_received_bytes_total", bytes.received],
    ["hsha_sent_bytes_total", bytes.sent],
    ["hsha_line_wait_seconds_count", times.wait.counts.reduce((sum, it) => sum + it, 0)],
    ["hsha_job_seconds_sum", times.job.sum],
    ['hsha_line_seconds_bucket{le="+Inf"}', times.line.counts.reduce((sum, it) => sum + it, 0)],
    ['hsha_build_info{version="1.0.0",deno="2.9.6",handler="shout.ts",order="request"}', 1],
    ["hsha_snapshot_age_seconds", 0.5],
  ];
  for (const [name, value] of expected) assertEquals(valueOf(text, name), value, name);
});

Deno.test("toPrometheus leaves out what a system does not tell", () => {
  const { now } = new FakeServer();
  delete now.process.openDescriptors;
  for (const worker of now.workers) delete worker.heapBytes;
  const text = toPrometheus(now, now.at);
  assertEquals([text.includes("process_open_fds"), text.includes("heap")], [false, false]);
});

Deno.test("toPrometheus gives histogram buckets that are exact", () => {
  const histogram = new Histogram();
  const { now } = new FakeServer();
  for (const micros of [1, 7.9, 8, 15, 16, 1023, 1025, 5e8]) histogram.record(micros);
  now.times.job = histogram.toData();
  const text = toPrometheus(now, now.at);
  const bucket = (le: string) => valueOf(text, `hsha_job_seconds_bucket{le="${le}"}`);
  assertEquals(
    ["0.000008", "0.000016", "0.000032", "0.001024", "0.002048", "67.108864", "+Inf"].map(bucket),
    [2, 4, 5, 6, 7, 7, 8],
  );
});

Deno.test("PrometheusText writes any text of a label so that it is one label", () => {
  const text = new PrometheusText();
  text.family({ name: "a", type: "gauge", help: "One\nline." }, [[{ file: 'C:\\x "y"\n.ts' }, 1]]);
  assertEquals(
    text.toString(),
    '# HELP a One\\nline.\n# TYPE a gauge\na{file="C:\\\\x \\"y\\"\\n.ts"} 1\n',
  );
});

Deno.test("promtool has nothing to say about the metrics", needs("promtool"), async () => {
  const snapshot = used().advance(1);
  assertEquals(await promtool(["check", "metrics"], toPrometheus(snapshot, snapshot.at)), "");
});

Deno.test("promtool takes the alert rules, and their tests pass", needs("promtool"), async () => {
  assertMatch(await promtool(["check", "rules", "docs/deploy/alerts.yml"]), /SUCCESS: \d+ rules/);
  assertStringIncludes(
    await promtool(["test", "rules", "tests/helpers/alerts_test.yml"]),
    "SUCCESS",
  );
});

Deno.test("docs/observe.md has each metric, as the metrics themselves describe it", async () => {
  const fake = used();
  fake.now.nodes = [{ name: "a", lines: 1, workers: 2, credits: 2 }];
  fake.now.processes = [PROCESS];
  const text = toPrometheus(fake.advance(1), 0);
  const families = text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)/gm);
  const expected = [...families].map(([, name, help, type]) => [name, type, help]);
  const page = await Deno.readTextFile(`${ROOT}docs/observe.md`);
  const rows = page.matchAll(/^\| `([a-z_]+)`\s*\| (\w+)\s*\| (.*?)\s*\|$/gm);
  assertEquals([...rows].map(([, name, type, help]) => [name, type, help]), expected);
});

Deno.test("the dashboard and the alerts ask for nothing but metrics that there are", async () => {
  const snapshot = { ...used().advance(1), processes: [PROCESS] };
  const text = toPrometheus(snapshot, snapshot.at);
  const known = new Set([...text.matchAll(/^(?:# TYPE )?([a-z_]+)[{ ]/gm)].map(([, name]) => name));
  const faults: string[] = [];
  for (const path of ["docs/deploy/grafana.json", "docs/deploy/alerts.yml"]) {
    const source = await Deno.readTextFile(ROOT + path);
    const names = [...source.matchAll(/\b(?:hsha|process)_[a-z_]+\b/g)].map(([name]) => name);
    if (names.length < 8) faults.push(`${path} names ${names.length} metrics`);
    for (const name of names) if (!known.has(name)) faults.push(`${path}: ${name}`);
  }
  assertEquals(faults, []);
});

Deno.test(
  "a real Prometheus scrapes the page, and its queries give what was counted",
  needs("prometheus"),
  async () => {
    await using host = await WebHost.start({ hostname: "127.0.0.1", port: 0 });
    const last = used().advance(0.25);
    host.post(last);
    await using prometheus = await RealPrometheus.start(host.address.port);
    const { lines, times } = last;
    await prometheus.waitFor('hsha_lines_total{outcome="accepted"}', lines.accepted);
    await prometheus.waitFor(
      'sum(hsha_lines_total{outcome!="accepted"}) + sum(hsha_unanswered_lines)',
      lines.accepted,
    );
    await prometheus.waitFor("sum(hsha_workers)", 3);
    assertAlmostEquals(await prometheus.value("hsha_job_seconds_sum"), times.job.sum, 1e-9);
    const median = new Histogram();
    median.addData(times.line);
    const quantile = "histogram_quantile(0.5, hsha_line_seconds_bucket)";
    const found = await prometheus.value(quantile);
    // Prometheus knows the bounds alone, each twice the one before.
    const ratio = found * 1e6 / median.quantile(0.5);
    assertEquals([ratio > 0.5, ratio < 2], [true, true]);
  },
);

Deno.test(
  "a real Prometheus scrapes a real server, and its queries give what the client counted",
  needs("prometheus"),
  async () => {
    await using server = await startServer({ web: "0", source: HANDLER });
    await using prometheus = await RealPrometheus.start(server.server.webAddr!.port);
    using client = await server.connect();
    await client.send("word\n".repeat(900) + "fail\n".repeat(100));
    const replies = await client.replies(1000);
    assertEquals(replies.filter((reply) => reply === "ERR no").length, 100);
    await prometheus.waitFor('hsha_lines_total{outcome="answered"}', 900);
    for (
      const [query, wanted] of [
        ['hsha_lines_total{outcome="accepted"}', 1000],
        ['hsha_lines_total{outcome="failed"}', 100],
        ["hsha_line_wait_seconds_count", 1000],
        ["hsha_job_seconds_count", 1000],
        ["hsha_line_seconds_count", 1000],
        ["sum(hsha_worker_lines_total)", 1000],
        ["hsha_connections", 1],
        ["hsha_received_bytes_total", 5000],
        ["hsha_sent_bytes_total", 900 * "WORD\n".length + 100 * "ERR no\n".length],
        ['sum(hsha_workers{state="idle"})', 2],
        ["hsha_ready", 1],
      ] as const
    ) {
      await prometheus.waitFor(query, wanted);
    }
  },
);
