/**
 * Takes docs/live_page.png and docs/live_page_dark.png: the live page of a real server, in a real browser
 * (Debian's chromium), after some minutes of a load that comes and goes.
 *
 *     deno run -A scripts/page_picture.ts [SECONDS]
 */

import { connect, serve } from "../lib/mod.ts";
import { TestBrowser } from "./tools/browser.ts";
import { shrink } from "./page_picture/shrink.ts";
import { pause } from "./tools/pause.ts";

/** Seconds of load before the pictures: as many as the page's charts show. */
const SECONDS = 300;

/** A window as large as the pictures. */
const WINDOW = { width: 1280, height: 984 };

/** Clients, and the most lines that one sends at once. */
const CLIENTS = 26, MOST_AHEAD = 14;

/** Milliseconds of a tide. */
const TIDE = 45_000;

/** Microseconds of a job that hangs; it is stopped before. */
const FOREVER = 60_000_000;

/** How much comes just now, from 0 to 1. */
function tide(): number {
  return (1 + Math.sin(2 * Math.PI * performance.now() / TIDE)) / 2;
}

/** A client that sends lines ahead, more and fewer of them as time passes, until it is told to end. */
async function keepAsking(port: number, signal: AbortSignal): Promise<void> {
  await using client = await connect({ port });
  while (!signal.aborted) {
    const count = Math.ceil(MOST_AHEAD * (0.3 + 0.7 * tide()) * Math.random());
    await Promise.all(Array.from({ length: count }, () => client.ask(nextLine()).catch(() => {})));
    await pause(20 + 80 * Math.random());
  }
}

/** Most lines are quick, a few slow, very few wrong. */
function nextLine(): string {
  const chance = Math.random();
  if (chance < 0.004) return "0";
  return String(Math.round(chance < 0.03 ? 12_000 : 150 + 900 * Math.random() ** 4));
}

const seconds = Number(Deno.args[0] ?? SECONDS);
await using server = await serve({
  port: 0,
  web: "0",
  workers: 4,
  jobTimeout: 3,
  handler: new URL("page_picture/words.ts", import.meta.url),
});
const { port } = server.addr as Deno.NetAddr;
const stop = new AbortController();
const clients = Array.from({ length: CLIENTS }, () => keepAsking(port, stop.signal));
await pause(seconds * 700);
{
  await using client = await connect({ port });
  await client.ask(String(FOREVER)).catch(() => {}); // a worker is replaced
}
await pause(seconds * 300);
await using browser = await TestBrowser.start();
for (const [colorScheme, name] of [["light", "live_page"], ["dark", "live_page_dark"]] as const) {
  const url = `http://127.0.0.1:${server.webAddr!.port}/`;
  const { page } = await browser.open(url, { ...WINDOW, colorScheme });
  await page.waitForSelector("#dots i");
  while (tide() < 0.8) await pause(100);
  await pause(4000); // lines are on all of their ways
  await page.waitForSelector("#order.holds"); // replies are held just now
  const file = new URL(`../docs/${name}.png`, import.meta.url).pathname;
  await page.screenshot({ path: file });
  await shrink(file);
  await page.close();
}
stop.abort();
await Promise.all(clients);
