/** A real server seen from outside: its metrics are what its clients counted, its health is what it does. */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { serve } from "../lib/mod.ts";
import type { LineSample } from "../lib/observe/line_sample.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { again } from "./helpers/again.ts";
import { HandlerFiles, WAIT_FOR_FILE } from "./helpers/handler_files.ts";
import { Metrics } from "./helpers/metrics.ts";
import { ROOT, runProgram, ServerProcess } from "./helpers/program.ts";
import { ask, RawStream } from "../scripts/tools/raw_http.ts";
import { startServer, type TestServer } from "./helpers/server.ts";
import { LONG } from "./helpers/long.ts";

/** What a line asks for: `sleep 20`, `fail`, anything else comes back. */
const SOURCE = `export default (line) => {
  const [word, millis] = line.split(" ");
  if (word === "fail") throw new Error("no");
  if (word === "sleep") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(millis));
  return line;
};`;

/** Where a server shows itself. */
function page({ server }: TestServer): Deno.NetAddr {
  return server.webAddr!;
}

Deno.test({
  name: "hsha --web serves its page from a folder that a symbolic link leads to",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using files = await HandlerFiles.write({});
    await Deno.symlink(ROOT, files.file("current"));
    const command = [Deno.execPath(), "run", "-A", files.file("current/main.ts")];
    await using server = await ServerProcess.start(["--web", "0"], { command });
    const [url] = await server.waitForLog(/http:\/\/127\.0\.0\.1:\d+\//);
    const response = await fetch(url);
    assertMatch(await response.text(), /<title>/);
    assertEquals(response.status, 200);
  },
});

Deno.test("the metrics of a server are what its clients counted", async () => {
  await using server = await startServer({ web: "0", source: SOURCE });
  const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
  const text = "a line\n".repeat(400) + "fail\n".repeat(50);
  for (const client of clients) await client.send(text);
  const replies = (await Promise.all(clients.map((client) => client.replies(450)))).flat();
  const failed = replies.filter((reply) => reply.startsWith("ERR ")).length;
  const lines = replies.length;
  assertEquals([lines, failed], [3600, 400]);
  const areAll = (it: Metrics) => it.lines("answered") + it.lines("failed") === lines;
  const now = await Metrics.when(page(server), "all lines", areAll);
  assertEquals(now.lines("accepted"), lines);
  assertEquals(now.lines("failed"), failed);
  assertEquals(now.lines("gone"), 0);
  assertEquals(now.value("hsha_unanswered_lines"), 0);
  for (const name of ["hsha_line_wait_seconds", "hsha_job_seconds", "hsha_line_seconds"]) {
    assertEquals([name, now.value(`${name}_count`)], [name, lines]);
    assertEquals([name, now.value(`${name}_bucket{le="+Inf"}`)], [name, lines]);
  }
  assertEquals(now.value("hsha_connections"), 8);
  assertEquals(now.value("hsha_connections_total"), 8);
  assertEquals(now.value("hsha_received_bytes_total"), 8 * text.length);
  assertEquals(now.value("hsha_sent_bytes_total"), replies.join("\n").length + 1);
  const byWorker = (name: string) =>
    [1, 2].reduce((sum, id) => sum + now.value(`${name}{worker="${id}"}`), 0);
  assertEquals(byWorker("hsha_worker_lines_total"), lines);
  assertEquals(byWorker("hsha_worker_in_flight_lines"), 0);
  assert(byWorker("hsha_worker_boot_seconds") > 0);
  assert(byWorker("hsha_worker_busy_seconds_total") > 0);
  for (const client of clients) client.close();
  await Metrics.when(page(server), "that all are gone", (it) => it.value("hsha_connections") === 0);
  const after = await Metrics.of(page(server));
  assertEquals(after.value("hsha_received_bytes_total"), 8 * text.length);
});

Deno.test("a line's wait, job and whole time are told apart", async () => {
  // One at a time: each of the five waits for those before it.
  await using server = await startServer({ web: "0", source: SOURCE, workers: 1 });
  using client = await server.connect();
  await client.send("sleep 40\n".repeat(5));
  await client.replies(5);
  const now = await Metrics.when(
    page(server),
    "five lines",
    (it) => it.value("hsha_line_seconds_count") === 5 && it.value("hsha_job_seconds_count") === 5,
  );
  const [wait, job, line] = ["line_wait", "job", "line"].map((name) =>
    now.value(`hsha_${name}_seconds_sum`)
  );
  assertGreaterOrEqual(job, 0.195);
  assertGreaterOrEqual(wait, 0.39);
  // The clocks of two threads are compared: within half of the way of a batch.
  assertGreaterOrEqual(line + 0.02, wait + job);
  server.server.report();
  const times = (await server.event("counters")).times!;
  assertGreaterOrEqual(times.job.p50, 0.038);
  assertGreaterOrEqual(times.line.max, 0.195);
  assertGreaterOrEqual(times.wait.p99, times.wait.p50);
});

Deno.test("hsha logs percentiles of its lines' times at SIGUSR2", async () => {
  await using server = await ServerProcess.start();
  server.kill("SIGUSR2");
  const times = ["wait", "job", "line"].map((name) => `${name}_p50=\\S+ms ${name}_p99=\\S+ms `);
  await server.waitForLog(new RegExp(`counters: .*replaced=0 abandoned=0 ${times.join(".*")}`));
  await server.stop();
});

Deno.test("the counts balance while a job runs whose line is given up", async () => {
  // "end" waits until "long" has begun, and "long" runs until the end of the test.
  await using files = await HandlerFiles.write({
    "paired.js": `${WAIT_FOR_FILE}
      export default (line, context) => {
        if (line === "long") Deno.writeTextFileSync(new URL("begun", import.meta.url), "");
        waitFor(new URL(line === "long" ? "over" : "begun", import.meta.url));
        if (line === "end") context.end();
        return line;
      };`,
  });
  await using server = await startServer({
    web: "0",
    handler: files.url("paired.js"),
    permissions: { read: true, write: true },
  });
  using client = await server.connect();
  await client.send("end\nlong\n");
  assertEquals(await client.restText(), "end\n");
  const now = await Metrics.when(page(server), "a line gone", (it) => it.lines("gone") > 0);
  const [accepted, answered, failed, gone] = (["accepted", "answered", "failed", "gone"] as const)
    .map((outcome) => now.lines(outcome));
  assertEquals([accepted, answered, failed, gone], [2, 1, 0, 1]);
  assertEquals(now.value("hsha_unanswered_lines"), 0);
  assertEquals(now.value('hsha_workers{state="busy"}'), 1);
  await Deno.writeTextFile(files.file("over"), "");
});

Deno.test(
  "a worker that hangs is counted by its reason, and is busy until then",
  LONG,
  // Time that this process stood still does not count.
  () =>
    again(async () => {
      await using server = await startServer({
        web: "0",
        source: `export default (line) => { for (; line === "hang";); return line; }`,
        workers: 1,
        jobTimeout: 3,
      });
      using client = await server.connect();
      assertMatch(await client.ask("hang"), /^ERR .*longer than the limit/);
      assertEquals(await client.ask("on"), "on");
      const replaced = 'hsha_worker_replacements_total{reason="timeout"}';
      const now = await Metrics.when(
        page(server),
        "the new worker",
        (it) => it.value(replaced) === 1 && it.value('hsha_workers{state="idle"}') === 1,
      );
      assertGreaterOrEqual(now.value('hsha_worker_busy_seconds_total{worker="1"}'), 2.5);
      assertEquals(now.value('hsha_worker_lines_total{worker="1"}'), 2);
      assertEquals(now.value("hsha_job_seconds_count"), 2);
      assertGreaterOrEqual(now.value("hsha_job_seconds_sum"), 2.5);
      assertLess(now.value("hsha_line_wait_seconds_sum"), now.value("hsha_line_seconds_sum"));
    }),
);

Deno.test("a server that starts or stops is alive, and not ready", async () => {
  // The handler loads, and its job ends, when a file is there.
  await using files = await HandlerFiles.write({
    "gated.js": `${WAIT_FOR_FILE}
      waitFor(new URL("load", import.meta.url));
      export default (line) => {
        waitFor(new URL("end", import.meta.url));
        return line;
      };`,
  });
  const urls: string[] = [];
  const starting = startServer({
    web: "0",
    workers: 1,
    handler: files.url("gated.js"),
    permissions: { read: true },
    onEvent: (event) => event.type === "web_listening" && urls.push(event.url),
  });
  await until(() => urls.length > 0, "the address of the page");
  const place = { hostname: "127.0.0.1", port: Number(new URL(urls[0]).port) };
  const get = async (path: string) => {
    const { status, body } = await ask(place, `GET ${path}`);
    return [status, body.trim()];
  };
  assertEquals(await get("/readyz"), [503, "the server is starting"]);
  assertEquals(await get("/healthz"), [200, "ok"]);
  await Deno.writeTextFile(files.file("load"), "");
  await using server = await starting;
  await until(() => server.eventsOf("listening").length > 0, "that it listens");
  await Metrics.when(place, "that it is ready", (it) => it.value("hsha_ready") === 1);
  assertEquals(await get("/readyz"), [200, "ready"]);
  using client = await server.connect();
  await client.send("last\n");
  await Metrics.when(place, "the line", (it) => it.value("hsha_unanswered_lines") === 1);
  const stopped = server.server.shutdown();
  await Metrics.when(place, "the stop", (it) => it.value("hsha_ready") === 0);
  assertEquals(await get("/readyz"), [503, "the server is stopping"]);
  assertEquals(await get("/healthz"), [200, "ok"]);
  await Deno.writeTextFile(files.file("end"), "");
  assertEquals(await client.reply(), "last");
  client.close();
  await stopped;
  await assertRejects(() => ask(place, "GET /healthz"), Deno.errors.ConnectionRefused);
});

Deno.test("a server whose page has no port to listen on does not start, and says why", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const web = `127.0.0.1:${taken.addr.port}`;
  const sentence = `cannot serve the page on ${web}: the address is in use`;
  await assertRejects(() => serve({ port: 0, workers: 1, web }), Error, sentence);
  const { code, stderr } = await runProgram(["--port", "0", "--web", String(taken.addr.port)]);
  assertEquals([code, stderr], [1, `hsha: ${sentence}\n`]);
});

Deno.test("a wrong address for the page is told in one sentence", async () => {
  const { code, stderr } = await runProgram(["--web", "here"]);
  assertEquals(code, 2);
  const form = "[HOST:]PORT, with brackets around an IPv6 address";
  assertEquals(stderr.split("\n")[0], `hsha: --web is "here"; it must be ${form}`);
  await assertRejects(
    () => serve({ web: "1.2.3.4:99999" }),
    RangeError,
    `The option "web" is "1.2.3.4:99999"; it must be ${form}`,
  );
});

Deno.test("the page tells of events, and names no folder and nothing of a line", async () => {
  await using server = await startServer({ web: "0", source: SOURCE });
  using client = await server.connect();
  await client.ask("fail hunter2");
  await server.event("jobs_failed");
  await Metrics.when(page(server), "the line", (it) => it.lines("failed") === 1);
  using stream = await RawStream.open(page(server));
  const text = await stream.until("jobs_failed");
  assertMatch(text + "jobs_failed", /listening on 127\.0\.0\.1:\d+ with 2 workers, handler inline/);
  assertEquals(text.includes("hunter2"), false);
});

Deno.test("slow motion follows lines from their acceptance to their reply", async () => {
  await using server = await startServer({ web: "0", source: SOURCE });
  using client = await server.connect();
  using stream = await RawStream.open(page(server), "/events?slow-motion");
  const samples: LineSample[] = [];
  /** Sends a group of lines again and again, until one is followed that passes the test. */
  const follow = async (lines: readonly string[], wanted: (of: LineSample) => boolean) => {
    while (!samples.some(wanted)) {
      await client.send(lines.map((line) => `${line}\n`).join(""));
      await client.replies(lines.length);
      await within(stream.until("event: update\ndata: "), "an update");
      samples.push(...JSON.parse(await stream.until("\n\n")).samples);
    }
  };
  // Quick lines behind a slow one are held for it.
  await follow(["sleep 30", "hunter2", "x"], ({ held }) => held !== undefined);
  await follow(["fail"], ({ outcome }) => outcome === "failed");
  for (const sample of samples) {
    const { accepted, started = NaN, ended = NaN, held = accepted, written = NaN } = sample;
    assert(accepted <= started && started <= ended && ended <= written, JSON.stringify(sample));
    assert(held >= accepted && held <= written, JSON.stringify(sample));
    assert([1, 2].includes(sample.worker!) && sample.connection === samples[0].connection);
    assert(["sleep 30", "hunter2", "x", "fail"].some(({ length }) => length === sample.length));
  }
  assertEquals(JSON.stringify(samples).includes("hunter2"), false);
  const ids = samples.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
});
