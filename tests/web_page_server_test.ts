/** The live page of a real server, in a real browser: the whole way from a client's line to a number on it. */

import { assertEquals, assertLess } from "@std/assert";
import { BROWSERS, TestBrowser, type TestPage } from "../scripts/tools/browser.ts";
import { freePort } from "./helpers/free_port.ts";
import { HandlerFiles, WAIT_FOR_FILE } from "./helpers/handler_files.ts";
import { LONG } from "./helpers/long.ts";
import { needs } from "./helpers/tools.ts";
import { startServer, type TestServer, type TestServerOptions } from "./helpers/server.ts";

/** Answers in capitals, fails, hangs, sleeps, or waits for a file. */
const SOURCE = `${WAIT_FOR_FILE}
export default (line) => {
  if (line === "fail") throw new Error("no");
  for (; line === "hang";);
  const [word, of] = line.split(" ");
  if (word === "sleep") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(of));
  if (word === "await") waitFor(of);
  return line.toUpperCase();
};`;

/** A server and its page. */
interface Scene extends TestPage {
  server: TestServer;
}

/** A test with the page of a server that runs. */
function test(
  name: string,
  options: TestServerOptions,
  body: (scene: Scene) => Promise<void>,
): void {
  // A browser takes long, too.
  Deno.test(name, LONG.ignore ? LONG : needs(...BROWSERS), async () => {
    await using server = await startServer({ source: SOURCE, web: "0", ...options });
    await using browser = await TestBrowser.start();
    const page = await browser.open(`http://127.0.0.1:${server.server.webAddr!.port}/`);
    await page.shows("#state", "ready");
    await body(Object.assign(page, { server }));
    assertEquals(page.faults.filter((fault) => !fault.includes("ERR_")), []);
  });
}

/** A number as the page writes it. */
const written = (value: number) => value.toLocaleString("en-US");

test("the page's numbers are those of a load that its clients know", {}, async (scene) => {
  const clients = await Promise.all(Array.from({ length: 5 }, () => scene.server.connect()));
  const text = "a line\n".repeat(700) + "fail\n".repeat(40);
  for (const client of clients) await client.send(text);
  for (const client of clients) await client.replies(740);
  await scene.shows(".accepted b", written(3700));
  await scene.shows(".answered b", written(3500));
  await scene.shows(".failed b", written(200));
  await scene.shows(".unanswered b", "0");
  await scene.shows(".verdict", "it balances");
  await scene.shows("#connections", "5");
  await scene.shows("#address", /^inline on 127\.0\.0\.1:\d+$/);
  await scene.shows("#log", "listening on 127.0.0.1:");
  await scene.shows("#log", /a job threw in worker \d: Error at /);
  for (const client of clients) client.close();
  await scene.shows("#connections", "0");
  assertEquals(scene.faults, []);
});

test(
  "a worker that hangs is seen to be replaced, and a reload is",
  { jobTimeout: 6, workers: 1 },
  async (scene) => {
    using client = await scene.server.connect();
    await client.send("hang\n");
    await scene.shows("#worker-list li", /busy for [\d.]+ s/);
    await scene.shows("#log", "replaced worker 1: a job ran longer than 6 seconds");
    await scene.shows("#worker-list li", "replaced 1 ×");
    await client.reply();
    await client.ask("on");
    await scene.shows(".answered b", "1");
    await scene.shows(".failed b", "1");
    await scene.server.server.reload();
    await scene.shows("#log", "every worker has loaded the handler anew");
    await scene.shows("#worker-list li", "replaced 2 ×");
  },
);

test(
  "a stop is seen, and the server that is started next is shown",
  { permissions: { read: true }, web: String(freePort()) },
  async (scene) => {
    const { server } = scene;
    await using files = await HandlerFiles.write({});
    using client = await server.connect();
    await client.send(`await ${files.file("end")}\n`);
    await scene.shows(".unanswered b", "1");
    const { port } = server.server.webAddr!;
    const stopped = server.server.shutdown();
    await scene.shows("#state", "stopping");
    await Deno.writeTextFile(files.file("end"), "");
    await client.reply();
    client.close();
    await stopped;
    await scene.shows("#state", "stopped");
    await using next = await startServer({ web: String(port), workers: 3 });
    await scene.shows("#state", "ready");
    await scene.shows("#workers-summary", "3 Web Workers");
    using other = await next.connect();
    await other.ask("hello");
    await scene.shows(".answered b", "1");
  },
);

test(
  "slow motion shows how quick lines wait for a slow one",
  { order: "request" },
  async (scene) => {
    const { page, server } = scene;
    await page.click("#slow-motion");
    await scene.shows("#timeline", "Lines are followed from now on");
    using client = await server.connect();
    const followed = page.locator("#timeline rect.running");
    const held = page.locator("#timeline rect.held");
    const shown = async () => await followed.count() >= 10 && await held.count() > 0;
    for (let rounds = 0; !await shown(); rounds++) {
      assertLess(rounds, 500, "no line is shown");
      await client.send("sleep 60\n" + "quick\n".repeat(5));
      await client.replies(6);
    }
    assertEquals((await scene.text("#timeline")).includes("QUICK"), false);
  },
);
