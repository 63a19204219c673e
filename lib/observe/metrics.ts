/** The metrics of a snapshot: all names that operators rely on, with their help. */

import { Histogram } from "./histogram.ts";
import type { Bound, Labels, MetricSink } from "./prometheus_text.ts";
import { isReady } from "./readiness.ts";
import {
  type HistogramData,
  type NodeShown,
  type ServerProcessShown,
  type Snapshot,
  WORKER_STATES,
} from "./snapshot.ts";

/**
 * Upper bounds of the histograms' buckets, in microseconds: powers of two, 8 µs to 67 s. Each is where a
 * bucket of the server's own histogram begins; at other bounds the counts would not be exact.
 */
const BOUNDS = Array.from({ length: 24 }, (_, index) => 2 ** (index + 3));

/**
 * Gives a sink all metrics, family by family.
 *
 * @param snapshot What the server shows.
 * @param now Milliseconds since 1970.
 */
export function addMetrics(to: MetricSink, snapshot: Snapshot, now: number): void {
  addLines(to, snapshot);
  addConnections(to, snapshot);
  addQueue(to, snapshot);
  addWorkers(to, snapshot);
  addServer(to, snapshot, now);
  addProcess(to, snapshot);
  addProcesses(to, snapshot);
}

function addLines(to: MetricSink, { lines, times }: Snapshot): void {
  const { accepted, answered, failed, gone, unanswered } = lines;
  to.family({
    name: "hsha_lines_total",
    type: "counter",
    help: "Lines by outcome; accepted counts all, even those still under way.",
  }, Object.entries({ accepted, answered, failed, gone }).map(([outcome, n]) => [{ outcome }, n]));
  gauge(to, "hsha_unanswered_lines", "Lines accepted and not yet answered.", unanswered);
  addTimes(
    to,
    "hsha_line_wait_seconds",
    "From a line's acceptance until its job began.",
    times.wait,
  );
  addTimes(to, "hsha_job_seconds", "The handler's own time for a line.", times.job);
  addTimes(
    to,
    "hsha_line_seconds",
    "From a line's acceptance until its reply was handed to the socket.",
    times.line,
  );
}

function addConnections(to: MetricSink, { connections, bytes }: Snapshot): void {
  const { open, paused, total, refused } = connections;
  gauge(to, "hsha_connections", "Open connections.", open);
  gauge(
    to,
    "hsha_connections_paused",
    "Open connections that are not read from, as a limit has been reached.",
    paused,
  );
  counter(to, "hsha_connections_total", "Connections served.", total);
  counter(to, "hsha_connections_refused_total", "Connections refused at a limit.", refused);
  counter(to, "hsha_received_bytes_total", "Bytes received from clients.", bytes.received);
  counter(to, "hsha_sent_bytes_total", "Bytes of replies handed to sockets.", bytes.sent);
  gauge(to, "hsha_unread_bytes", "Bytes of replies that clients have not read.", bytes.unread);
}

function addQueue(to: MetricSink, { queue, held, options }: Snapshot): void {
  gauge(to, "hsha_queue_lines", "Lines that wait for a worker.", queue.lines);
  gauge(to, "hsha_queue_bytes", "Bytes of the lines that wait for a worker.", queue.bytes);
  gauge(to, "hsha_queue_limit_lines", "Limit of unanswered lines.", options.queueLimit);
  gauge(to, "hsha_queue_limit_bytes", "Limit of the bytes of unanswered lines.", queue.byteLimit);
  gauge(
    to,
    "hsha_held_replies",
    "Finished replies that wait for the reply of an earlier line.",
    held.replies,
  );
  gauge(to, "hsha_held_bytes", "Bytes of the replies that wait for an earlier one.", held.bytes);
}

function addWorkers(to: MetricSink, { workers, replacements, abandoned }: Snapshot): void {
  to.family(
    { name: "hsha_workers", type: "gauge", help: "Workers by state." },
    WORKER_STATES.map((state) => [{ state }, workers.filter((it) => it.state === state).length]),
  );
  gauge(
    to,
    "hsha_workers_abandoned",
    "Workers that could not be stopped, and have not come back.",
    abandoned,
  );
  to.family({
    name: "hsha_worker_replacements_total",
    type: "counter",
    help: "Workers replaced, by reason.",
  }, Object.entries(replacements).map(([reason, times]) => [{ reason }, times]));
  const each = (name: string, help: string, value: (worker: Worker) => number | undefined) =>
    to.family(
      { name, type: name.endsWith("_total") ? "counter" : "gauge", help },
      workers.flatMap((worker): (readonly [Labels, number])[] => {
        const found = value(worker);
        if (found === undefined) return [];
        const { id, process } = worker;
        return [[process === undefined ? { worker: id } : { process, worker: id }, found] as const];
      }),
    );
  each("hsha_worker_busy_seconds_total", "Seconds in jobs, by worker ID.", (it) => it.busySeconds);
  each("hsha_worker_lines_total", "Lines run, by worker ID.", (it) => it.lines);
  each(
    "hsha_worker_in_flight_lines",
    "Lines given to the worker, and not yet answered.",
    (it) => it.inFlight,
  );
  each(
    "hsha_worker_boot_seconds",
    "How long the worker took to load the handler.",
    (it) => it.bootSeconds,
  );
  each("hsha_worker_heap_bytes", "The worker's heap when last measured.", (it) => it.heapBytes);
}

/** What a snapshot shows of a worker. */
type Worker = Snapshot["workers"][number];

function addServer(to: MetricSink, snapshot: Snapshot, now: number): void {
  const { version, deno, options: { handler, order }, nodes } = snapshot;
  to.family({
    name: "hsha_build_info",
    type: "gauge",
    help: "Always 1; its labels say what is running.",
  }, [[{ version, deno, handler, order }, 1]]);
  gauge(
    to,
    "hsha_ready",
    "1 if connections are served and a worker takes lines, otherwise 0.",
    isReady(snapshot) ? 1 : 0,
  );
  gauge(
    to,
    "hsha_snapshot_age_seconds",
    "Age of these numbers: new ones come every 0.25 s unless the event loop is blocked.",
    Math.max(0, now - snapshot.at) / 1000,
  );
  gauge(
    to,
    "hsha_event_loop_lag_seconds",
    "How late the event loop ran a timer, at most, in the last 0.25 s.",
    snapshot.process.loopLagSeconds,
  );
  const each = (name: string, help: string, value: (node: NodeShown) => number) =>
    to.family(
      { name, type: "gauge", help },
      (nodes ?? []).map((node) => [{ node: node.name }, value(node)]),
    );
  each("hsha_node_in_flight_lines", "Lines that the worker machine has.", ({ lines }) => lines);
  each("hsha_node_workers", "Workers of the worker machine.", ({ workers }) => workers);
  each(
    "hsha_node_credits",
    "Workers of the worker machine that may be given lines now.",
    ({ credits }) => credits,
  );
}

/** The process, under the names that Prometheus' own clients use. */
function addProcess(to: MetricSink, { process, startedAt }: Snapshot): void {
  const { cpuSeconds, rssBytes, openDescriptors, maxDescriptors } = process;
  counter(to, "process_cpu_seconds_total", "Processor time of all threads.", cpuSeconds);
  gauge(to, "process_resident_memory_bytes", "Resident memory.", rssBytes);
  gauge(to, "process_open_fds", "Open descriptors.", openDescriptors);
  gauge(to, "process_max_fds", "Most descriptors that may be open.", maxDescriptors);
  gauge(to, "process_start_time_seconds", "Start, in seconds since 1970.", startedAt / 1000);
}

/** Each of several processes, by its number. Totals are of all processes that have had the number. */
function addProcesses(to: MetricSink, { processes = [] }: Snapshot): void {
  const seats = processes.filter(({ state }) => state !== "former");
  const each = (name: string, help: string, value: (it: ServerProcessShown) => number) =>
    to.family(
      { name, type: name.endsWith("_total") ? "counter" : "gauge", help },
      seats.map((it) => [{ process: it.number }, value(it)]),
    );
  each(
    "hsha_process_ready",
    "1 if the process serves connections, otherwise 0.",
    (it) => +it.ready,
  );
  each("hsha_process_connections", "Connections of the process.", (it) => it.connections);
  each("hsha_process_lines_total", "Lines accepted, by process.", ({ seat }) => seat.accepted);
  each(
    "hsha_process_cpu_seconds_total",
    "Seconds of processor time, by process.",
    ({ seat }) => seat.cpuSeconds,
  );
  each(
    "hsha_process_resident_memory_bytes",
    "Resident memory of the process.",
    ({ process }) => process.rssBytes,
  );
  each(
    "hsha_process_event_loop_lag_seconds",
    "How late the process's event loop ran a timer, at most, in the last 0.25 s.",
    ({ process }) => process.loopLagSeconds,
  );
  each(
    "hsha_process_replacements_total",
    "How often another process took its place.",
    ({ seat }) => seat.replaced,
  );
}

function gauge(to: MetricSink, name: string, help: string, value: number | undefined): void {
  to.family({ name, type: "gauge", help }, value === undefined ? [] : [[{}, value]]);
}

function counter(to: MetricSink, name: string, help: string, value: number): void {
  to.family({ name, type: "counter", help }, [[{}, value]]);
}

function addTimes(to: MetricSink, name: string, help: string, data: HistogramData): void {
  const histogram = new Histogram();
  let below = 0, next = 0;
  const bounds = BOUNDS.map((bound): Bound => {
    while (next < data.buckets.length && histogram.lowerBound(data.buckets[next]) < bound) {
      below += data.counts[next++];
    }
    return [bound / 1e6, below];
  });
  const count = data.counts.reduce((sum, each) => sum + each, 0);
  to.histogram({ name, help }, bounds, { count, sum: data.sum });
}
