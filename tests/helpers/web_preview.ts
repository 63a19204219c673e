/**
 * Shows the live page of a server that is not there, to look at it while it is changed:
 * `deno run -A tests/helpers/web_preview.ts [PORT] [WORKERS]`.
 */

import { WebHost } from "../../lib/observe/web_host.ts";
import { FakeServer } from "./fake_server.ts";

const [port = "9090", workers = "4"] = Deno.args;
let slow = false;
const host = await WebHost.start({ hostname: "127.0.0.1", port: Number(port) }, {
  watched: (by) => slow = by === "slow motion",
});
const start = Date.now() - 300_000;
const fake = new FakeServer({ workers: Number(workers), start });
fake.connect(14);
for (let tick = 0; fake.now.at < Date.now(); tick++) {
  fake.rate = rateAt(tick);
  host.post(fake.advance(0.25));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
console.log(host.url);
for (let tick = 1200;; tick++) {
  await new Promise((resolve) => setTimeout(resolve, 250));
  const scene = tick % 120;
  fake.rate = rateAt(tick);
  if (scene === 20) fake.hang(2);
  if (scene === 60) fake.replace(2);
  if (scene === 66) fake.boot(2);
  if (slow) fake.sample(3);
  host.post(fake.advance(0.25));
}

/** Lines a second, which come and go. */
function rateAt(tick: number): number {
  return 9000 * (1 + 0.6 * Math.sin(tick / 60) + 0.2 * Math.sin(tick / 7));
}
