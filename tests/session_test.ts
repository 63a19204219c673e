/** What a session counts: a line is answered when its reply is handed on, not while that waits for others. */

import { assertEquals } from "@std/assert";
import { type Outlet, Session } from "../lib/half_async/session.ts";
import { Traffic } from "../lib/half_async/traffic.ts";
import { ConnectionRecord } from "../lib/observe/connection_record.ts";
import { newCounters } from "../lib/observe/counters.ts";
import { NOBODY } from "../lib/queueing/executor.ts";
import { JobQueue } from "../lib/queueing/job_queue.ts";
import { LineBlock } from "../lib/queueing/line_block.ts";
import type { Run } from "../lib/queueing/run.ts";
import { CAPACITY } from "./helpers/flows.ts";

/** A session with three lines under way; the replies of the last two, one of them an error, are held. */
function holdTwo() {
  const queue = new JobQueue({ limit: 100, serial: false, capacity: CAPACITY });
  const counters = newCounters();
  const record = new ConnectionRecord("a client", () => {});
  const written: number[] = [];
  const outlet: Outlet = {
    size: 0,
    paused: false,
    write: (bytes) => void written.push(...bytes),
    resume() {},
    fill() {},
    answered() {},
    over() {},
  };
  const session = new Session(outlet, {
    maxLine: 100,
    order: "request",
    overload: "pause",
    terminator: "\n",
    replies: "all",
    queue,
    lane: () => undefined,
    greets: () => false,
    counters,
    share: () => 1e6,
    onEvent() {},
    record,
    origin: NOBODY,
  });
  const runs: Run[] = [];
  for (const text of ["slow", "quick\nwrong"]) {
    session.accept(new LineBlock(text, text.split("\n").length));
    runs.push(...queue.take(1e6)!.runs);
  }
  const [slow, quick] = runs;
  quick.answered({ lines: 2, bytes: new Uint8Array([2, 3]), failed: 1, ends: false });
  const figures = () => {
    const sums = new Traffic();
    session.addTo(sums);
    const { accepted, answered, failed, gone } = counters;
    return { accepted, answered, failed, gone, unanswered: sums.unanswered, written };
  };
  return { session, slow, record, figures };
}

Deno.test("Session counts a line as answered when its reply is handed on", () => {
  const { slow, figures } = holdTwo();
  const held = { accepted: 3, answered: 0, failed: 0, gone: 0, unanswered: 3, written: [] };
  assertEquals(figures(), held);
  slow.answered({ lines: 1, bytes: new Uint8Array([1]), failed: 0, ends: false });
  const all = { accepted: 3, answered: 2, failed: 1, gone: 0, unanswered: 0, written: [1, 2, 3] };
  assertEquals(figures(), all);
});

Deno.test("Session takes back no line from its counters when a job ends the connection", () => {
  // They fell by the lines that had run behind the end: for Prometheus the server had been restarted.
  const { slow, record, figures } = holdTwo();
  slow.answered({ lines: 1, bytes: new Uint8Array([1]), failed: 0, ends: true });
  const end = { accepted: 3, answered: 1, failed: 0, gone: 2, unanswered: 0, written: [1] };
  assertEquals(figures(), end);
  assertEquals([record.failed, record.gone], [0, 2]);
});

Deno.test("Session counts lines as gone whose replies were held when the client went", () => {
  // They counted as answered, though no client had their replies.
  const { session, figures } = holdTwo();
  assertEquals(session.close(), 3);
  const end = { accepted: 3, answered: 0, failed: 0, gone: 3, unanswered: 0, written: [] };
  assertEquals(figures(), end);
});

Deno.test("Session gives up held replies, too, when the executor of its connection is lost", () => {
  // The record of the connection, and so the access log, had one line less than the counters.
  const { session, record, figures } = holdTwo();
  session.executorLost("its worker was lost");
  assertEquals(session.close(), 0);
  assertEquals([record.lines, record.failed, record.gone], [3, 0, 3]);
  const end = { accepted: 3, answered: 0, failed: 0, gone: 3, unanswered: 0, written: [] };
  assertEquals(figures(), end);
});
