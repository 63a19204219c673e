/**
 * Takes the pictures of docs/howto/15_lens.md: the slow motion of its four servers, in a real browser
 * (Debian's chromium).
 *
 *     deno run -A scripts/lens_pictures.ts
 */

import { TextLineStream } from "@std/streams";
import { TestBrowser } from "./tools/browser.ts";
import { shrink } from "./page_picture/shrink.ts";

/** A window as wide as the pictures. */
const WINDOW = { width: 700, height: 900 };

/** The four servers are started one after the other, and each is tried first. */
const SERVERS = 4;

const program = new URL("../docs/howto/15_lens.ts", import.meta.url);
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", program.pathname, "0"],
  stdin: "null",
  stdout: "piped",
}).spawn();
const pages = new Map<string, string>();
for await (
  const line of child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
) {
  const [, order, url] = /^(\w+): .*(http\S+)$/.exec(line) ?? [];
  if (url !== undefined) pages.set(order, url);
  if (pages.size === SERVERS) break;
}
await using browser = await TestBrowser.start();
for (const [order, url] of pages) {
  const { page } = await browser.open(url, WINDOW);
  await page.click("#slow-motion");
  await page.check("#by-clock");
  await page.waitForSelector("#timeline rect.running >> nth=35", { timeout: 60_000 });
  const file = new URL(`../docs/howto/15_lens_${order}.png`, import.meta.url).pathname;
  await page.locator("#timeline svg").screenshot({ path: file });
  await shrink(file);
  await page.close();
}
child.kill("SIGKILL");
await child.status;
