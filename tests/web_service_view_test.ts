/** The service of several processes as one snapshot: sums that outlive a process, and a row for each. */

import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { linesOf, ReportJoiner } from "../lib/cluster/messages.ts";
import { MemberScreen } from "../lib/cluster/member_screen.ts";
import { ServiceView } from "../lib/cluster/service_view.ts";
import { toPrometheus } from "../lib/observe/prometheus.ts";
import { isReady } from "../lib/observe/readiness.ts";
import type { HistogramData, Snapshot } from "../lib/observe/snapshot.ts";
import { within } from "./helpers/deadline.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { Metrics } from "./helpers/metrics.ts";
import { promtool } from "./helpers/promtool.ts";
import { needs } from "./helpers/tools.ts";
import { LONG } from "./helpers/long.ts";

/** A view of two processes of two workers, and the processes that a test plays. */
class Service {
  readonly view: ServiceView;
  readonly #numbers = new Map<FakeServer, number>();

  constructor() {
    const options = { ...new FakeServer({ workers: 2 }).now.options, queueLimit: 100 };
    this.view = new ServiceView({ processes: 2, options });
  }

  start(number: number, pid = 100 + number): FakeServer {
    const fake = new FakeServer({ workers: 2 });
    this.#numbers.set(fake, number);
    this.view.join(fake, number, pid);
    return fake;
  }

  /** Time passes for a process, and it shows itself. */
  run(fake: FakeServer, seconds = 1): Snapshot {
    const snapshot = fake.advance(seconds);
    this.view.hear(fake, this.#numbers.get(fake)!, snapshot);
    fake.now.events = [];
    return snapshot;
  }

  end(fake: FakeServer): void {
    this.view.close(fake, this.#numbers.get(fake)!);
  }

  get metrics(): Metrics {
    const snapshot = this.view.snapshot();
    return new Metrics(toPrometheus(snapshot, snapshot.at));
  }
}

const countOf = ({ counts }: HistogramData) => counts.reduce((sum, each) => sum + each, 0);

Deno.test("ServiceView adds up what its processes show", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  one.connect(3);
  two.connect(4);
  const [first, second] = [service.run(one, 2), service.run(two, 3)];
  const now = service.view.snapshot();
  assertEquals(now.lines.accepted, first.lines.accepted + second.lines.accepted);
  assertEquals(now.connections.open, 7);
  assertEquals(countOf(now.times.job), countOf(first.times.job) + countOf(second.times.job));
  assertEquals(now.options.queueLimit, 2 * first.options.queueLimit);
  assertEquals(
    now.workers.map(({ process, id }) => [process, id]),
    [[1, 1], [1, 2], [2, 1], [2, 2]],
  );
  assertEquals(now.processes?.map(({ number, pid }) => [number, pid]), [[1, 101], [2, 102]]);
});

Deno.test("ServiceView keeps what a process has counted, and no sum goes back", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  one.connect(3);
  const first = service.run(one, 2);
  service.run(two, 1);
  one.hang(1); // three lines are under way when it is killed
  service.run(one, 0.25);
  const before = service.metrics;
  const names = before.text.split("\n")
    .filter((line) => /^hsha_\w+(total|bucket|count|sum)\b/.test(line))
    .map((line) => line.slice(0, line.lastIndexOf(" ")));
  assertGreater(names.length, 80);
  const isMonotone = (now: Metrics) => {
    for (const name of names) {
      assertEquals([name, now.value(name) >= before.value(name)], [name, true]);
    }
  };
  service.end(one);
  isMonotone(service.metrics);
  const { lines, connections, processes, workers } = service.view.snapshot();
  assertEquals(lines.unanswered, two.now.lines.unanswered);
  assertEquals(lines.accepted, lines.answered + lines.failed + lines.gone + lines.unanswered);
  assertGreater(lines.gone, 2);
  assertEquals(connections.open, 0);
  assertEquals(processes?.map(({ state }) => state), ["gone", "ready"]);
  assertEquals(workers.length, 4);
  const next = service.start(1, 201);
  isMonotone(service.metrics);
  assertEquals(service.view.snapshot().processes?.[0].state, "starting");
  service.run(next, 1);
  const now = service.metrics;
  isMonotone(now);
  assertEquals(now.value('hsha_process_replacements_total{process="1"}'), 1);
  assertGreater(
    now.value('hsha_process_lines_total{process="1"}'),
    first.lines.accepted + next.now.lines.accepted - 1,
  );
});

Deno.test("ServiceView counts a process that still answers its last lines, behind the one in its place", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  service.run(two);
  service.run(one, 2);
  const before = service.metrics;
  one.now.state = "stopping";
  service.run(one, 0.25);
  const next = service.start(1, 201);
  service.run(next, 0.25);
  const { processes } = service.view.snapshot();
  assertEquals(processes?.map(({ pid, state }) => [pid, state]), [
    [201, "ready"],
    [102, "ready"],
    [101, "former"],
  ]);
  const now = service.metrics;
  for (const worker of [1, 2]) {
    const name = `hsha_worker_lines_total{process="1",worker="${worker}"}`;
    assertGreater(now.value(name), before.value(name));
  }
  service.end(one);
  const name = 'hsha_worker_lines_total{process="1",worker="1"}';
  assertEquals(service.metrics.value(name), now.value(name));
});

Deno.test("ServiceView is ready while a process is, and does not count on one that is silent", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  assertEquals(isReady(service.view.snapshot()), false);
  service.view.state = "ready";
  service.run(one);
  assertEquals(isReady(service.view.snapshot()), true);
  service.end(one);
  assertEquals(isReady(service.view.snapshot()), false);
  service.run(two);
  assertEquals(isReady(service.view.snapshot()), true);
  const { now } = performance;
  performance.now = () => now.call(performance) + 4000;
  try {
    const { processes } = service.view.snapshot();
    assertEquals(processes?.map(({ ready }) => ready), [false, false]);
    assertEquals(isReady(service.view.snapshot()), false);
  } finally {
    performance.now = now;
  }
});

Deno.test("ServiceView tells events and lines of all processes with IDs of its own", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  one.sample(3);
  two.sample(2);
  service.run(one);
  service.run(two);
  two.tell("info", "counters", "counters: asked for by the supervisor");
  two.tell("warn", "lines_failed", "a line got an ERR reply");
  service.run(two);
  const { events, samples = [] } = service.view.snapshot();
  assertEquals(events.map(({ id }) => id), [0, 1, 2]);
  assertEquals(events.at(-1)?.text, "process 2: a line got an ERR reply");
  assertEquals(samples.map(({ id }) => id), samples.map((_, index) => index));
  assertEquals(samples.slice(0, 5).map(({ process }) => process), [1, 1, 1, 2, 2]);
});

Deno.test("ServiceView adds up what its processes have at worker machines", () => {
  const service = new Service();
  const [one, two] = [service.start(1), service.start(2)];
  service.run(one);
  assertEquals(service.view.snapshot().nodes, undefined);
  one.now.nodes = [{ name: "rome", lines: 3, workers: 4, credits: 1 }];
  two.now.nodes = [
    { name: "rome", lines: 2, workers: 4, credits: 2 },
    { name: "oslo", lines: 0, workers: 2, credits: 2 },
  ];
  service.run(one);
  service.run(two);
  assertEquals(service.view.snapshot().nodes, [
    { name: "rome", lines: 5, workers: 4, credits: 3 },
    { name: "oslo", lines: 0, workers: 2, credits: 2 },
  ]);
});

Deno.test("promtool has nothing to say of several processes", needs("promtool"), async () => {
  const service = new Service();
  service.run(service.start(1));
  service.run(service.start(2));
  const { text } = service.metrics;
  assertStringIncludes(text, 'hsha_process_ready{process="2"} 1\n');
  assertEquals(await promtool(["check", "metrics"], text), "");
});

Deno.test("a long report travels in pieces that no other writer can get into", () => {
  const fake = new FakeServer({ workers: 40 });
  fake.tell("info", "x", "ü€ \u{1F600} \u007f +=");
  const report = { type: "snapshot", snapshot: fake.advance(5) } as const;
  const secret = crypto.randomUUID();
  const lines = linesOf(report, secret);
  assertGreater(lines.length, 2);
  const joiner = new ReportJoiner();
  const taken = lines.map((line) => {
    assertEquals(new TextEncoder().encode(`${line}\n`).length <= 4096, true);
    return joiner.take(line.slice(secret.length));
  });
  assertEquals(taken.slice(0, -1).every((each) => each === undefined), true);
  assertEquals(taken.at(-1), report);
});

Deno.test("MemberScreen sends the newest snapshot behind one under way, and each event once", async () => {
  const sent: { snapshot: Snapshot; out: () => void }[] = [];
  const screen = new MemberScreen({ watched() {}, died() {} }, (snapshot) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sent.push({ snapshot, out: resolve });
    return promise;
  });
  const fake = new FakeServer();
  for (let step = 0; step < 5; step++) {
    fake.tell("info", "x", `event ${step}`);
    screen.post(fake.advance(1));
  }
  assertEquals(sent.length, 1);
  sent[0].out();
  const ended = screen.end();
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(sent.length, 2);
  sent[1].out();
  await ended;
  assertEquals(sent.map(({ snapshot }) => snapshot.lines.accepted), [2000, 10_000]);
  const texts = sent.flatMap(({ snapshot }) => snapshot.events.map(({ text }) => text));
  assertEquals(texts.slice(1), [0, 1, 2, 3, 4].map((step) => `event ${step}`));
});

Deno.test("MemberScreen ends although nobody takes what it sends", LONG, async () => {
  const screen = new MemberScreen({ watched() {}, died() {} }, () => new Promise(() => {}));
  screen.post(new FakeServer().advance(1));
  await within(screen.end(), "the end");
});
