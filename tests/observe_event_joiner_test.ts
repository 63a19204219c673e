/** Events that come often are joined: whoever causes them floods no log. */

import { assertEquals } from "@std/assert";
import { EventJoiner } from "../lib/observe/event_joiner.ts";
import type { ServerEvent } from "../lib/observe/events.ts";
import { sentence } from "../lib/observe/sentences.ts";
import { until } from "../scripts/tools/deadline.ts";

function collect() {
  const events: ServerEvent[] = [];
  return { events, joiner: new EventJoiner((event) => void events.push(event)) };
}

Deno.test("EventJoiner passes the first event on, and the others a second later as one", async () => {
  const { events, joiner } = collect();
  for (let port = 1; port <= 1000; port++) {
    joiner.take({ type: "lines_failed", peer: `127.0.0.1:${port}`, times: 2 });
    joiner.take({ type: "connection_lost", peer: `127.0.0.1:${port}`, reason: "", unanswered: 3 });
  }
  assertEquals(events.length, 2);
  await until(() => events.length === 4, "those that were joined");
  assertEquals(events.slice(2), [
    { type: "lines_failed", peer: "127.0.0.1:1000", times: 1998 },
    {
      type: "connection_lost",
      peer: "127.0.0.1:1000",
      reason: "",
      unanswered: 2997,
      times: 999,
    },
  ]);
  joiner.flush();
});

Deno.test("sentence does not say that joined lines and connections are all one client's", () => {
  const { events, joiner } = collect();
  for (const peer of ["a:1", "b:2", "c:3"]) {
    joiner.take({ type: "lines_failed", peer, times: 2 });
    joiner.take({ type: "line_too_long", peer, limit: 9, times: 1 });
    joiner.take({ type: "proxy_header_refused", peer, reason: "it sent no PROXY header" });
  }
  joiner.flush();
  assertEquals(events.map(sentence), [
    "2 lines got an ERR reply, the last from a:1",
    "1 line from a:1 was longer than the limit of 9 bytes",
    "closed a:1: it sent no PROXY header",
    "4 lines got an ERR reply, the last from c:3",
    "2 lines were longer than the limit of 9 bytes, the last from c:3",
    "closed 2 connections (the last: c:3): it sent no PROXY header",
  ]);
});

Deno.test("EventJoiner keeps apart what handlers throw at different places, but not without end", () => {
  const { events, joiner } = collect();
  for (let round = 0; round < 10; round++) {
    for (let line = 1; line <= 500; line++) {
      joiner.take({
        type: "jobs_failed",
        worker: 1,
        kind: "Error",
        place: `a.ts:${line}:1`,
        times: 1,
      });
    }
  }
  joiner.flush();
  const times = events.map((event) => event.type === "jobs_failed" ? event.times : NaN);
  assertEquals(times.reduce((sum, each) => sum + each), 5000);
  assertEquals(events.length, 18, "eight places and the rest, twice each");
});

Deno.test("EventJoiner passes everything on before the end, and single events as they are", () => {
  const { events, joiner } = collect();
  const refused = {
    type: "connection_refused",
    option: "maxConnections",
    limit: 1,
    times: 1,
    peer: "a:1",
  } as const;
  const boot = { type: "worker_boot_failed", worker: 1, reason: "", retrySeconds: 1 } as const;
  for (const event of [refused, boot, refused, boot, refused]) joiner.take(event);
  const counters = {} as Extract<ServerEvent, { type: "stopped" }>["counters"];
  joiner.take({ type: "stopped", counters });
  assertEquals(events, [refused, boot, boot, { ...refused, times: 2 }, {
    type: "stopped",
    counters,
  }]);
});

Deno.test("EventJoiner makes two lines of a reload of 64 workers, and keeps full heaps apart", () => {
  const { events, joiner } = collect();
  for (let worker = 1; worker <= 64; worker++) {
    joiner.take({ type: "worker_renewed", worker, reason: "reload" });
  }
  joiner.take({ type: "worker_renewed", worker: 7, reason: "heap", limit: 64 });
  joiner.flush();
  assertEquals(events, [
    { type: "worker_renewed", worker: 1, reason: "reload" },
    { type: "worker_renewed", worker: 7, reason: "heap", limit: 64 },
    { type: "worker_renewed", worker: 64, reason: "reload", times: 63 },
  ]);
});
