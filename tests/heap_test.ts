/** Heaps that grow, and the end of a worker: what a handler leaks is given back, and it disposes in time. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { atOnce } from "./helpers/at_once.ts";
import { until, within } from "../scripts/tools/deadline.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { inlineHandler } from "./helpers/handler_files.ts";
import { startServer, type TestServer } from "./helpers/server.ts";
import { again } from "./helpers/again.ts";
import { LONG } from "./helpers/long.ts";

Deno.test({
  name: "serve gives back what a handler leaks with --max-heap, and loses no line",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using folder = new TemporaryFolder();
    const handler = folder.file("leak.js");
    Deno.writeTextFileSync(
      handler,
      `const kept = [];
      export default (line) => {
        kept.push(new Uint8Array(1 << 20).fill(1)); // a mebibyte of each line
        return line;
      };`,
    );
    const args = ["--workers", "2", "--max-heap", "32", "--handler", handler];
    await using server = await FaultServer.start(args);
    const before = server.usage().rss;
    using client = await server.connect();
    const lines = 450;
    for (let line = 0, replaced = 0; line < lines; line++) {
      assertEquals(await client.ask(`${line}`), `${line}`);
      // Both workers cannot have room for eighty: one gets a successor, however long that takes to boot.
      if (line % 80 < 79) continue;
      replaced = await within(replacedSince(server, replaced), "a worker replaced");
    }
    const { peak } = server.usage();
    const { code, counters } = await server.stop();
    const { accepted, answered, failed, gone, replaced } = counters;
    assertEquals([code, accepted, answered, failed, gone], [0, lines, lines, 0, 0]);
    assertGreater(replaced, 2);
    const renewed = server.log.filter(({ type }) => type === "worker_renewed");
    assert(
      renewed.every(({ reason, limit, level }) =>
        reason === "heap" && limit === 32 && level === "info"
      ),
    );
    assertEquals(renewed.reduce((sum, { times = 1 }) => sum + Number(times), 0), replaced);
    assertLess(peak - before, 300, "MiB, of 450 that were leaked");
  },
});

/** Waits until more workers than so many were replaced. @returns how many were */
async function replacedSince(server: FaultServer, before: number): Promise<number> {
  for (;;) {
    const { counters: { replaced } } = await server.counters();
    if (replaced > before) return replaced;
  }
}

/** A folder in which handlers leave a file whenever they dispose. */
class Disposals implements Disposable {
  readonly #folder = new TemporaryFolder();

  /** A handler whose `dispose` first leaves its file. */
  handler(rest: string, begin = "export function dispose() {"): URL {
    return inlineHandler(
      `const kept = [];
      export default (line) => {
        if (line === "leak") kept.push(new Uint8Array(40 << 20).fill(1));
        return line;
      };
      ${begin}
        Deno.writeTextFileSync(${
        JSON.stringify(this.#folder.path)
      } + "/" + crypto.randomUUID(), "");
        ${rest}
      }`,
    );
  }

  get count(): number {
    return this.#folder.names().length;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

const ASYNC = "export async function dispose() { await new Promise((r) => setTimeout(r, 20));";

for (const [kind, begin] of [["a synchronous", undefined], ["an asynchronous", ASYNC]] as const) {
  Deno.test(`WorkerPool has ${kind} dispose called once for each worker that ends as planned`, async () => {
    using disposals = new Disposals();
    await using server = await startServer({
      workers: 2,
      maxHeap: 32,
      handler: disposals.handler("", begin),
      permissions: { write: true },
    });
    using client = await server.connect();
    assertEquals(await client.ask("one"), "one");
    await server.server.reload();
    await until(() => disposals.count === 2, "both of the old workers");
    assertEquals(await client.ask("leak"), "leak");
    await renewed(server, "heap");
    await until(() => disposals.count === 3, "the one whose heap was too large");
    await server.server.shutdown();
    assertEquals(disposals.count, 5, "two at the reload, one for its heap, two at the stop");
    assertEquals(server.server.counters.replaced, 3);
  });
}

async function renewed(server: TestServer, reason: "reload" | "heap"): Promise<void> {
  await until(
    () => server.eventsOf("worker_renewed").some((event) => event.reason === reason),
    `a worker renewed: ${reason}`,
  );
}

/** What a `dispose` may do that is none of the server's wishes. */
const DEEDS: [deed: string, rest: string][] = [
  ["throws", `throw new Error("no");`],
  ["rejects", `return Promise.reject(new Error("no"));`],
  ["never resolves", "return new Promise(() => setInterval(() => {}, 1000));"],
  ["hangs", "for (;;);"],
];

Deno.test(
  "Server.shutdown is not held up beyond the drain timeout by any dispose",
  LONG,
  (test) => {
    const run = async (deed: string, rest: string) => {
      using disposals = new Disposals();
      await using server = await startServer({
        workers: 2,
        handler: disposals.handler(rest),
        permissions: { write: true },
        jobTimeout: 2,
        drainTimeout: 5, // both workers begin to dispose within it, beside two threads that spin
      });
      using client = await server.connect();
      assertEquals(await client.ask("one"), "one");
      const begun = performance.now();
      await server.server.shutdown();
      assertLess(
        performance.now() - begun,
        16_000,
        "milliseconds, of which five thousand are its own",
      );
      assertEquals(disposals.count, 2);
      assertEquals(server.events.at(-1)?.type, "stopped");
      const strays = server.eventsOf("handler_strayed").map(({ kind }) => kind);
      assertEquals(strays, /throws|rejects/.test(deed) ? ["Error", "Error"] : []);
    };
    return atOnce(test, DEEDS.map(([deed, rest]) => ({ name: deed, fn: () => run(deed, rest) })));
  },
);

Deno.test(
  "Server.shutdown takes the time of a dispose from what its connections have left",
  LONG,
  () =>
    again(async () => {
      // Each had the whole drain timeout: a stop took twice as long as it may.
      using disposals = new Disposals();
      await using server = await startServer({
        workers: 1,
        handler: disposals.handler("return new Promise(() => setInterval(() => {}, 1000));"),
        permissions: { write: true },
        drainTimeout: 2,
      });
      using client = await server.connect();
      await client.ask("a client that stays until the deadline");
      const begun = performance.now();
      const conn = client.conn;
      const chatter = (async () => {
        for (;;) {
          try {
            await conn.write(new Uint8Array([10]));
          } catch {
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      await server.server.shutdown();
      const took = performance.now() - begun;
      await chatter;
      assertLess(took, 3900, "milliseconds, of two seconds and a moment");
    }),
);
