/** `--web` with `--processes`: real processes, and what their supervisor shows of them. */

import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import type { LineSample } from "../lib/observe/line_sample.ts";
import { BROWSERS, TestBrowser } from "../scripts/tools/browser.ts";
import { Cluster, isAlive } from "./helpers/cluster.ts";
import { until, within } from "./helpers/deadline.ts";
import { Metrics } from "./helpers/metrics.ts";
import { runProgram } from "./helpers/program.ts";
import { freeze } from "../scripts/tools/process.ts";
import { ask, type Place, RawStream } from "./helpers/raw_http.ts";
import { needs } from "./helpers/tools.ts";
import { LONG } from "./helpers/long.ts";

const ignore = LONG.ignore || Deno.build.os !== "linux";

/** A service with a page, and where that is. */
async function start(source?: string): Promise<{ cluster: Cluster; place: Place }> {
  const cluster = await Cluster.start(["--web", "0"], source);
  const { url } = await cluster.server.event("web_listening");
  return { cluster, place: { hostname: "127.0.0.1", port: Number(new URL(String(url)).port) } };
}

/** Whether all lines that were accepted have been answered, and how many. */
const answered = (lines: number) => (now: Metrics) => now.lines("answered") === lines;

Deno.test({
  name: "--web with --processes shows sums, which outlive a process that is killed",
  ignore,
  async fn() {
    const { cluster, place } = await start();
    await using _ = cluster;
    const [[victim, one], [, two]] = await cluster.oneOfEach();
    const lines = 2 * 200;
    for (const client of [one, two]) {
      await client.send("a line\n".repeat(200));
      await client.replies(200);
    }
    // Whoever asked which process it is has sent a line, too.
    const before = await Metrics.when(
      place,
      "all lines",
      (it) => it.lines("answered") >= lines + 2 && it.value("hsha_unanswered_lines") === 0,
    );
    const total = before.lines("answered");
    assertEquals(before.lines("accepted"), total);
    assertEquals(before.value("hsha_connections"), 2);
    assertEquals(before.value("hsha_line_seconds_count"), total);
    const each = [1, 2].map((process) =>
      before.value(`hsha_process_lines_total{process="${process}"}`)
    );
    assertEquals(each[0] + each[1], total);
    assertEquals(each.every((lines) => lines > 200), true);
    assertEquals((await ask(place, "GET /readyz")).body, "ready\n");
    const received = before.value("hsha_received_bytes_total");

    Deno.kill(victim, "SIGKILL");
    await cluster.server.event("process_replaced");
    const replaced = (it: Metrics) =>
      [1, 2].reduce(
        (sum, id) => sum + it.value(`hsha_process_replacements_total{process="${id}"}`),
        0,
      );
    const isWhole = (it: Metrics) =>
      replaced(it) === 1 && [1, 2].every((id) => it.value(`hsha_process_ready{process="${id}"}`));
    const after = await Metrics.when(place, "the new process", isWhole);
    assertEquals(after.lines("answered"), total);
    assertEquals(after.value("hsha_line_seconds_count"), total);
    assertEquals(after.value("hsha_received_bytes_total"), received);
    assertEquals(after.value("hsha_connections"), 1);
    assertEquals(after.value("hsha_connections_total"), before.value("hsha_connections_total"));
    assertEquals((await ask(place, "GET /readyz")).status, 200);
    assertEquals((await ask(place, "GET /healthz")).body, "ok\n");

    assertMatch(await two.ask("on"), /on$/);
    await Metrics.when(place, "one line more", answered(total + 1));
    one.close();
    two.close();
  },
});

Deno.test({
  name: "a service is ready while one of its processes is",
  ignore,
  async fn() {
    const { cluster, place } = await start();
    await using _ = cluster;
    const soMany = (ready: number) => (it: Metrics) =>
      [1, 2].reduce((sum, id) => sum + it.value(`hsha_process_ready{process="${id}"}`), 0) ===
        ready;
    await Metrics.when(place, "that both are ready", soMany(2));
    const [[stopped, one], [, two]] = await cluster.oneOfEach();
    Deno.kill(stopped, "SIGSTOP");
    try {
      await Metrics.when(place, "that one is silent", soMany(1));
      assertEquals((await ask(place, "GET /readyz")).status, 200);
    } finally {
      Deno.kill(stopped, "SIGCONT");
    }
    await Metrics.when(place, "that both are back", soMany(2));
    one.close();
    two.close();
  },
});

Deno.test({
  name: "slow motion follows lines of all processes, and events come with their process",
  ignore,
  async fn() {
    const { cluster, place } = await start();
    await using _ = cluster;
    const clients = [...(await cluster.oneOfEach()).values()];
    using stream = await RawStream.open(place, "/events?slow-motion");
    const samples: LineSample[] = [];
    while (new Set(samples.map(({ process }) => process)).size < 2) {
      for (const client of clients) await client.ask("hunter2");
      await within(stream.until("event: update\ndata: "), "an update");
      samples.push(...JSON.parse(await stream.until("\n\n")).samples);
    }
    assertEquals(new Set(samples.map(({ id }) => id)).size, samples.length);
    for (const { length, accepted, written = 0 } of samples) {
      assert([7, 3].includes(length));
      assertGreaterOrEqual(written, accepted);
    }
    for (const client of clients) client.close();
    using page = await RawStream.open(place);
    const greeting = await page.until("\n\n");
    assertMatch(greeting, /process 1: listening on 127\.0\.0\.1/);
    assertEquals(greeting.includes("hunter2") || greeting.includes("counters:"), false);
  },
});

Deno.test({
  ...needs(...BROWSERS),
  name: "the page has a row for each process, and sees one replaced and the service stop",
  async fn() {
    const { cluster, place } = await start();
    await using _ = cluster;
    await using browser = await TestBrowser.start();
    const page = await browser.open(`http://127.0.0.1:${place.port}/`);
    await page.shows("#state", "ready");
    const row = (number: number) => `#processes-list tr:nth-child(${number})`;
    for (const number of [1, 2]) {
      await page.shows(row(number), "● ready");
      await page.shows(row(number), "1 idle");
    }
    assertEquals(await page.page.locator("#worker-list li").count(), 2);
    const [[victim, one], [, two]] = await cluster.oneOfEach();
    await page.shows("#connections", "2");
    await page.shows("#processes-list", String(victim));
    await one.send("a line\n".repeat(300));
    await one.replies(300);
    // More than 302 where some process was met twice.
    const all = (it: Metrics) =>
      it.lines("answered") >= 302 && it.value("hsha_unanswered_lines") === 0;
    const total = (await Metrics.when(place, "all lines", all)).lines("answered");
    await page.shows(".answered b", String(total));
    Deno.kill(victim, "SIGKILL");
    await page.shows("#processes-list", "1 ×");
    await page.shows("#log", /process \d takes no more connections.*SIGKILL/);
    assertEquals((await page.text("#processes-list")).includes(String(victim)), false);
    await page.shows(".verdict", "it balances");
    assertEquals(await page.text(".answered b"), String(total));
    two.close();
    await cluster.server.stop();
    await page.shows("#state", "stopped");
    assertEquals(page.faults.filter((fault) => !fault.includes("ERR_")), []);
    one.close();
  },
});

Deno.test({
  name: "a service whose page has no port to listen on does not start, and says why",
  ignore,
  async fn() {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const args = ["--processes", "2", "--port", "0", "--web", String(port)];
    const { code, stderr } = await runProgram(args);
    const sentence = `cannot serve the page on 127.0.0.1:${port}: the address is in use`;
    assertEquals([code, stderr], [1, `hsha: ${sentence}\n`]);
  },
});

Deno.test({
  name: "a process ends when it is told to, although its supervisor reads nothing",
  ignore,
  async fn() {
    const { cluster } = await start();
    await using _ = cluster;
    const { client, pid } = await cluster.connect();
    await freeze(cluster.server.pid);
    try {
      // The pipe that it reports by is filled, until nothing more goes in.
      const args = ["if=/dev/zero", `of=/proc/${pid}/fd/1`, "bs=64", "oflag=nonblock"];
      const { stderr } = await new Deno.Command("dd", { args, env: { LC_ALL: "C" } }).output();
      assertMatch(new TextDecoder().decode(stderr), /temporarily unavailable/);
      client.close();
      Deno.kill(pid, "SIGTERM");
      await until(() => !isAlive(pid), "its end");
    } finally {
      Deno.kill(cluster.server.pid, "SIGCONT");
    }
    await cluster.server.event("process_replaced");
  },
});
