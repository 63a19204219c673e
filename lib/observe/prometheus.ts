/** The metrics: a snapshot as a page of Prometheus' text. Every name that operators count on is here. */

import { Histogram } from "./histogram.ts";
import { type Bound, PrometheusText } from "./prometheus_text.ts";
import { type HistogramData, type Snapshot, WORKER_STATES } from "./snapshot.ts";

/**
 * Powers of two at which the histograms' buckets are given: 8 µs to 67 s, each twice the one before.
 * A bucket of the server's own histogram begins at each, so these counts are exact.
 */
const BOUNDS = Array.from({ length: 24 }, (_, index) => 2 ** (index + 3));

/**
 * The page.
 *
 * @param snapshot What the server shows.
 * @param now Milliseconds since 1970.
 */
export function toPrometheus(snapshot: Snapshot, now: number): string {
  const text = new PrometheusText();
  addLines(text, snapshot);
  addConnections(text, snapshot);
  addQueue(text, snapshot);
  addWorkers(text, snapshot);
  addServer(text, snapshot, now);
  addProcess(text, snapshot);
  return text.toString();
}

function addLines(text: PrometheusText, { lines, times }: Snapshot): void {
  const { accepted, answered, failed, gone, unanswered } = lines;
  text.family({
    name: "hsha_lines_total",
    type: "counter",
    help: "Lines by what became of them; accepted is all of them, also those under way.",
  }, Object.entries({ accepted, answered, failed, gone }).map(([outcome, n]) => [{ outcome }, n]));
  gauge(text, "hsha_unanswered_lines", "Lines accepted and not yet answered.", unanswered);
  addTimes(
    text,
    "hsha_line_wait_seconds",
    "From a line's acceptance until its job began.",
    times.wait,
  );
  addTimes(text, "hsha_job_seconds", "The handler's own time for a line.", times.job);
  addTimes(
    text,
    "hsha_line_seconds",
    "From a line's acceptance until its reply was handed to the socket.",
    times.line,
  );
}

function addConnections(text: PrometheusText, { connections, bytes }: Snapshot): void {
  const { open, paused, total, refused } = connections;
  gauge(text, "hsha_connections", "Connections that are open.", open);
  gauge(
    text,
    "hsha_connections_paused",
    "Open connections that are not read from, because a bound is reached.",
    paused,
  );
  counter(text, "hsha_connections_total", "Connections served.", total);
  counter(text, "hsha_connections_refused_total", "Connections refused at a limit.", refused);
  counter(text, "hsha_received_bytes_total", "Bytes received from clients.", bytes.received);
  counter(text, "hsha_sent_bytes_total", "Bytes of replies handed to sockets.", bytes.sent);
  gauge(text, "hsha_unread_bytes", "Bytes of replies that clients have not read.", bytes.unread);
}

function addQueue(text: PrometheusText, { queue, held, options }: Snapshot): void {
  gauge(text, "hsha_queue_lines", "Lines that wait for a worker.", queue.lines);
  gauge(text, "hsha_queue_bytes", "Bytes of the lines that wait for a worker.", queue.bytes);
  gauge(
    text,
    "hsha_queue_limit_lines",
    "The most lines that may be accepted and not yet answered.",
    options.queueLimit,
  );
  gauge(text, "hsha_queue_limit_bytes", "The most bytes that the queue may hold.", queue.byteLimit);
  gauge(
    text,
    "hsha_held_replies",
    "Replies that are ready and wait for the reply of an earlier line.",
    held.replies,
  );
  gauge(text, "hsha_held_bytes", "Bytes of the replies that wait so.", held.bytes);
}

function addWorkers(text: PrometheusText, { workers, replacements, abandoned }: Snapshot): void {
  text.family(
    { name: "hsha_workers", type: "gauge", help: "Workers by what they are at." },
    WORKER_STATES.map((state) => [{ state }, workers.filter((it) => it.state === state).length]),
  );
  gauge(
    text,
    "hsha_workers_abandoned",
    "Workers that could not be stopped, and have not come back.",
    abandoned,
  );
  text.family({
    name: "hsha_worker_replacements_total",
    type: "counter",
    help: "Workers replaced, by the reason.",
  }, Object.entries(replacements).map(([reason, times]) => [{ reason }, times]));
  const each = (name: string, help: string, value: (worker: Worker) => number | undefined) =>
    text.family(
      { name, type: name.endsWith("_total") ? "counter" : "gauge", help },
      workers.flatMap((worker) => {
        const found = value(worker);
        return found === undefined ? [] : [[{ worker: worker.id }, found] as const];
      }),
    );
  each("hsha_worker_busy_seconds_total", "Seconds in jobs, by worker ID.", (it) => it.busySeconds);
  each("hsha_worker_lines_total", "Lines run, by worker ID.", (it) => it.lines);
  each(
    "hsha_worker_in_flight_lines",
    "Lines given to the worker, and not yet back.",
    (it) => it.inFlight,
  );
  each(
    "hsha_worker_boot_seconds",
    "How long the worker took to load the handler.",
    (it) => it.bootSeconds,
  );
  each("hsha_worker_heap_bytes", "The worker's heap, as last looked at.", (it) => it.heapBytes);
}

/** What a snapshot shows of a worker. */
type Worker = Snapshot["workers"][number];

function addServer(text: PrometheusText, snapshot: Snapshot, now: number): void {
  const { version, deno, options: { handler, order }, nodes } = snapshot;
  text.family({
    name: "hsha_build_info",
    type: "gauge",
    help: "Always 1; its labels say what is running.",
  }, [[{ version, deno, handler, order }, 1]]);
  gauge(
    text,
    "hsha_ready",
    "1 where connections are served by at least one worker, else 0.",
    isReady(snapshot) ? 1 : 0,
  );
  gauge(
    text,
    "hsha_snapshot_age_seconds",
    "How old these numbers are: they come every 0.25 s unless the event loop is blocked.",
    Math.max(0, now - snapshot.at) / 1000,
  );
  gauge(
    text,
    "hsha_event_loop_lag_seconds",
    "The latest that a timer of the event loop was, of the last 0.25 s.",
    snapshot.process.loopLagSeconds,
  );
  text.family({
    name: "hsha_node_in_flight_lines",
    type: "gauge",
    help: "Lines that a worker machine is at.",
  }, (nodes ?? []).map(({ name, lines }) => [{ node: name }, lines]));
}

/** The process, by the names that Prometheus' own clients give. */
function addProcess(text: PrometheusText, { process, startedAt }: Snapshot): void {
  const { cpuSeconds, rssBytes, openDescriptors, maxDescriptors } = process;
  counter(text, "process_cpu_seconds_total", "Seconds of processor time, all threads.", cpuSeconds);
  gauge(text, "process_resident_memory_bytes", "Resident memory.", rssBytes);
  gauge(text, "process_open_fds", "Open descriptors.", openDescriptors);
  gauge(text, "process_max_fds", "The most descriptors that there may be.", maxDescriptors);
  gauge(text, "process_start_time_seconds", "Start, in seconds since 1970.", startedAt / 1000);
}

/** Whether connections are served: it has started, does not stop, and a worker takes lines. */
export function isReady({ state, workers, nodes }: Snapshot): boolean {
  return state === "ready" &&
    (workers.some((worker) => worker.state === "idle" || worker.state === "busy") ||
      (nodes ?? []).length > 0);
}

function gauge(text: PrometheusText, name: string, help: string, value: number | undefined): void {
  text.single({ name, type: "gauge", help }, value);
}

function counter(text: PrometheusText, name: string, help: string, value: number): void {
  text.single({ name, type: "counter", help }, value);
}

function addTimes(text: PrometheusText, name: string, help: string, data: HistogramData): void {
  const histogram = new Histogram();
  let below = 0, next = 0;
  const bounds = BOUNDS.map((bound): Bound => {
    while (next < data.buckets.length && histogram.lowerBound(data.buckets[next]) < bound) {
      below += data.counts[next++];
    }
    return [bound / 1e6, below];
  });
  const count = data.counts.reduce((sum, each) => sum + each, 0);
  text.histogram({ name, help }, bounds, { count, sum: data.sum });
}
