/** The live page in a real browser: what it shows is what a server does, and it is good company. */

import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import type { Audience } from "../lib/observe/web/protocol.ts";
import { WebHost } from "../lib/observe/web_host.ts";
import { BROWSERS, type Look, TestBrowser, type TestPage } from "../scripts/tools/browser.ts";
import { until } from "../scripts/tools/deadline.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { freePort } from "./helpers/free_port.ts";
import { flowsPicture, groundColor, hasFocus, readability } from "./helpers/in_page.js";
import { LONG } from "./helpers/long.ts";
import { needs } from "./helpers/tools.ts";

/** A page of a server that a test plays. */
interface Scene extends TestPage {
  host: WebHost;
  fake: FakeServer;
  /** Who watches, as the reactor is told. */
  watched: Audience[];
  browser: TestBrowser;
  /** Lets time pass, and the page see it. */
  pass(seconds: number): void;
}

/** A test with a page that shows a server. */
function test(name: string, look: Look, body: (scene: Scene) => Promise<void>): void {
  // A browser takes long, too.
  Deno.test(name, LONG.ignore ? LONG : needs(...BROWSERS), async () => {
    const watched: Audience[] = [];
    await using host = await WebHost.start({ hostname: "127.0.0.1", port: freePort() }, {
      watched: (by) => watched.push(by),
    });
    const fake = new FakeServer({ workers: 3, rate: 1000, start: Date.now() });
    const pass = (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 0.25) host.post(fake.advance(0.25));
    };
    fake.connect(7);
    pass(3);
    await using browser = await TestBrowser.start();
    const page = await browser.open(host.url, look);
    await showsState(page, "ready", () => host.post(fake.now));
    await body(Object.assign(page, { host, fake, watched, browser, pass }));
  });
}

/**
 * Waits until the page shows a state. Meanwhile the server gives signs of life: behind three seconds of
 * silence the page shows another state.
 */
async function showsState(page: TestPage, state: string, alive: () => void): Promise<void> {
  const timer = setInterval(alive, 250);
  try {
    await page.shows("#state", state);
  } finally {
    clearInterval(timer);
  }
}

/** A number as the page writes it. */
const written = (value: number) => value.toLocaleString("en-US");

test("the page shows a known load, and asks nobody else for anything", {}, async (scene) => {
  const { fake, faults, pass } = scene;
  pass(5);
  const { lines } = fake.now;
  await scene.shows(".accepted b", written(lines.accepted));
  await scene.shows(".answered b", written(lines.answered));
  await scene.shows(".failed b", written(lines.failed));
  await scene.shows(".unanswered b", written(lines.unanswered));
  await scene.shows(".verdict", "it balances");
  assertEquals(await scene.text("#connections"), "7");
  assertEquals(await scene.text("#rate-in"), "1,000");
  assertEquals(await scene.text("#address"), "shout.ts on 127.0.0.1:7007");
  assertEquals(await scene.page.locator("#dots i").count(), 7);
  assertEquals(await scene.page.locator("#worker-list li").count(), 3);
  assertEquals(await scene.page.locator(".charts canvas").count(), 3);
  assertMatch(
    await scene.page.getAttribute("#chart-rates", "aria-label") ?? "",
    /^The last five minutes: accepted now 1,000, at most 1,000; answered now /,
  );
  assertEquals(await scene.page.title(), "ready · hsha · shout.ts");
  fake.now.lines.gone -= 2;
  pass(0.25);
  await scene.shows(".verdict", "it is off by 2");
  assertEquals(faults, []);
});

test("a worker that hangs is seen to hang, and to be replaced", {}, async (scene) => {
  const { fake, faults, pass } = scene;
  const second = "#worker-list li:nth-child(2)";
  fake.hang(2);
  pass(4);
  await scene.shows(second, "busy for 4 s");
  await scene.shows(second, "3 in hand");
  fake.replace(2);
  pass(1);
  await scene.shows(second, "booting");
  await scene.shows("#log li:first-child", "replaced worker 2: its job ran for more than 30 s");
  await scene.shows("#announcer", "replaced worker 2");
  fake.boot(2);
  pass(1);
  await scene.shows(second, /idle|busy/);
  await scene.shows(second, "replaced 1 ×");
  assertEquals(faults, []);
});

test(
  "a stop is seen, and the next server on that port is shown without a reload",
  {},
  async (scene) => {
    const { host, fake, pass } = scene;
    fake.now.state = "stopping";
    pass(1);
    await showsState(scene, "stopping", () => host.post(fake.now));
    await host.end();
    await scene.shows("#state", "stopped");
    await using next = await WebHost.start(host.address);
    await scene.shows("#state", "starting");
    const snapshot = new FakeServer({ workers: 5, start: fake.now.at + 1000 }).advance(1);
    await showsState(scene, "ready", () => next.post(snapshot));
    await scene.shows("#workers-summary", "5 Web Workers");
    assertEquals(await scene.page.locator("#log li").count(), 1);
    // The browser itself reports what it could not reach in between.
    assertEquals(scene.faults.filter((fault) => !fault.includes("ERR_")), []);
  },
);

test("a page whose server is killed says so, and comes back with it", {}, async (scene) => {
  scene.fake.tell("warn", "lines_failed", "3 lines got an ERR reply");
  scene.pass(1);
  await scene.page.route("**/events", (route) => route.abort());
  await scene.page.reload();
  await scene.shows("#state", "no connection");
  await scene.page.unroute("**/events");
  await showsState(scene, "ready", () => scene.host.post(scene.fake.now));
  await scene.shows("#log li:first-child", "3 lines got an ERR reply");
});

test(
  "worker machines elsewhere are shown, also where there is no worker here",
  {},
  async (scene) => {
    const { fake, faults, pass } = scene;
    fake.now.workers = [];
    fake.now.nodes = [
      { name: "rome", lines: 12, workers: 4, credits: 3 },
      { name: "oslo", lines: 0, workers: 2, credits: 2 },
    ];
    pass(1);
    await scene.shows("#workers-summary", "2 worker machines");
    await scene.shows("#machines-list tr:nth-child(1)", "rome1243");
    await scene.shows("#machines-list tr:nth-child(2)", "oslo022");
    assertEquals(await scene.page.isVisible("#processes"), false);
    fake.now.nodes = [];
    pass(1);
    await scene.shows("#workers-summary", "0 worker machines");
    assertEquals(await scene.page.locator("#machines-list tr").count(), 0);
    assertEquals(faults, []);
  },
);

test("a reactor that is blocked is seen", {}, async (scene) => {
  await scene.shows("#state", "the event loop does not answer");
  await showsState(scene, "ready", () => scene.pass(0.25));
});

test("slow motion follows single lines, and stops when it is switched off", {}, async (scene) => {
  const { fake, watched, page, faults } = scene;
  assertEquals(await page.isVisible("#lens"), false);
  await page.click("#slow-motion");
  await until(() => watched.at(-1) === "slow motion", "that lines are to be followed");
  await scene.shows("#timeline", "Lines are followed from now on");
  fake.sample(9);
  scene.pass(0.25);
  await scene.shows("#timeline", "9 lines, order request");
  assertEquals(await page.locator("#timeline rect.running").count(), 9);
  await page.click("#timeline summary");
  assertEquals(await page.locator("#timeline tbody tr").count(), 9);
  fake.sample(60);
  scene.pass(0.25);
  await scene.shows("#timeline", "50 lines, order request");
  assertEquals(await page.locator("#timeline tbody tr").count(), 50);
  await page.click("#slow-motion");
  await until(() => watched.at(-1) === "page", "that no line is to be followed");
  assertEquals(await page.isVisible("#lens"), false);
  assertEquals(faults.filter((fault) => !fault.includes("ERR_ABORTED")), []);
});

test("each role explains itself, by the keyboard alone", {}, async (scene) => {
  const { page } = scene;
  const roles = page.locator("button[data-role]");
  assertEquals(await roles.count(), 8);
  for (let index = 0; index < 8; index++) {
    await roles.nth(index).focus();
    await page.keyboard.press("Enter");
    await scene.shows("#role[open] #role-facts", "May never");
    await page.keyboard.press("Escape");
    assertEquals(await page.isVisible("#role"), false);
    assertEquals(await roles.nth(index).evaluate(hasFocus), true);
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(
    `the page fits each window, and can be read when it is ${colorScheme}`,
    { colorScheme },
    async (scene) => {
      const { page, fake } = scene;
      await page.click("#slow-motion");
      await until(() => scene.watched.at(-1) === "slow motion", "that lines are to be followed");
      fake.hang(1);
      fake.sample(20);
      scene.pass(3);
      await scene.shows("#worker-list li", "busy for 3 s");
      await scene.shows("#timeline", "20 lines");
      for (const [width, height] of [[1440, 1000], [820, 1100], [360, 740]]) {
        await page.setViewportSize({ width, height });
        scene.pass(0.25);
        await scene.shows(".accepted b", written(fake.now.lines.accepted));
        const { overflow, faint } = await page.evaluate(readability);
        assertEquals([width, overflow, faint], [width, 0, []]);
      }
    },
  );
}

test("nothing moves where motion is not wanted", { reducedMotion: "reduce" }, async (scene) => {
  assertEquals(await scene.page.getAttribute("#motion", "aria-pressed"), "false");
  await scene.shows("#scale", "at rest");
  const pictureAfter = async (seconds: number) => {
    scene.pass(seconds);
    await scene.shows(".accepted b", written(scene.fake.now.lines.accepted));
    return await scene.page.evaluate(flowsPicture);
  };
  const before = await pictureAfter(2);
  assertEquals(await pictureAfter(2) === before, true);
  await scene.page.click("#motion");
  scene.pass(2);
  await scene.shows("#scale", /each dot is \d+ lines?/);
});

test("the theme is remembered", { colorScheme: "light" }, async (scene) => {
  const ground = () => scene.page.evaluate(groundColor);
  const light = await ground();
  await scene.page.click("#theme");
  await scene.page.click("#theme");
  assertEquals(await scene.text("#theme"), "Theme: dark");
  const dark = await ground();
  assertEquals(light === dark, false);
  await scene.page.reload();
  assertEquals([await ground(), await scene.text("#theme")], [dark, "Theme: dark"]);
});

test("a page that is open for long does not grow", {}, async (scene) => {
  const { fake, page } = scene;
  await page.click("#slow-motion");
  await until(() => scene.watched.at(-1) === "slow motion", "that lines are to be followed");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const measure = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const valueOf = (name: string) => metrics.find((it) => it.name === name)?.value ?? NaN;
    return { nodes: valueOf("Nodes"), heap: valueOf("JSHeapUsedSize") };
  };
  /** A second of the server for each step. */
  const run = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      fake.tell("info", "x", `event of second ${second}`);
      fake.sample(4);
      scene.host.post(fake.advance(1));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await scene.shows(".accepted b", written(fake.now.lines.accepted));
  };
  await run(400);
  const before = await measure();
  await run(800);
  const after = await measure();
  assertGreater(before.nodes, 100);
  assertLess(after.nodes, before.nodes * 1.2 + 100);
  assertLess(after.heap, before.heap * 1.2 + 1e6);
});
