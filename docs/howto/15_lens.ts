// Step 15. The lens: the same lines to four servers, each with its own order and its own page.
import { serve } from "../../lib/mod.ts";
import { lines } from "./02_lines.ts";

/** What clients send at once: the first one slow lines and quick ones, the others quick ones. */
const QUICK = ["1", "1", "1", "1"], CLIENTS = [["60", "60", ...QUICK], QUICK, QUICK, QUICK];

/** The handler: a line is a number of milliseconds, for which it blocks. */
export default function block(line: string): string {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(line));
  return line;
}

/** Resolves to the milliseconds until the last quick line of a client is answered. */
async function ask(port: number, texts: string[], took = 0): Promise<number> {
  using conn = await Deno.connect({ port });
  const begun = performance.now();
  await conn.write(new TextEncoder().encode(texts.join("\n") + "\n"));
  void conn.closeWrite();
  for await (const reply of lines(conn)) if (reply === "1") took = performance.now() - begun;
  return Math.round(took);
}

if (import.meta.main) {
  const first = Number(Deno.args[0] ?? 7115), handler = new URL(import.meta.url);
  for (const [index, order] of (["request", "completion", "serial", "pinned"] as const).entries()) {
    const port = first && first + 2 * index, web = String(port && port + 1);
    const server = await serve({ port, web, order, handler, workers: 3 }).catch((error) => {
      console.error(error.message);
      Deno.exit(1);
    });
    const at = (server.addr as Deno.NetAddr).port, page = server.webAddr!.port;
    if (index === 0) console.log(`listening on 127.0.0.1:${at}`);
    const round = () => Promise.all(CLIENTS.map((texts) => ask(at, texts)));
    for (let learns = 0; learns < 4; learns++) await round(); // what lines cost
    const [own, ...others] = await round(), worst = Math.max(...others);
    console.log(`${order}: ${own} ms, others ${worst} ms; http://127.0.0.1:${page}/`);
    setInterval(round, 1000);
  }
}
