/**
 * Floods of lines that need no worker, and a polite client beside them. How long its replies take depends on
 * the machine; how much of the flood is taken in between two of them does not.
 */

import { assertGreater, assertLessOrEqual } from "@std/assert";
import { Flood } from "../scripts/limits/flood.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

const REPLIES = 105;

/** Replies that do not count, those behind most of the flood: the machine may have paused the polite client. */
const PAUSED = 5;

const FLOODS = [
  { what: "lines that are too long", text: `${"x".repeat(65_537)}\n`, args: [], most: 30 },
  { what: "lines without an end", text: "x", args: [], most: 40 },
  {
    what: "lines that are rejected",
    text: "a\n",
    args: ["--overload", "reject", "--queue-limit", "100"],
    most: 6,
  },
  { what: "tiny lines that are too long", text: "aaa\n", args: ["--max-line", "1"], most: 4 },
];

for (const { what, text, args, most } of FLOODS) {
  Deno.test(
    `Intake lets a polite client be served between the bytes of eight that flood with ${what}`,
    LONG,
    async () => {
      // One such client kept the reactor from all others for half a second, again and again.
      await using server = await FaultServer.start(["--workers", "2", ...args]);
      using client = await server.connect();
      await client.ask("warm up");
      const flood = await Flood.start(server.addr, 8, text);
      const between: number[] = [];
      for (let reply = 0; reply < REPLIES; reply++) {
        const before = flood.sent;
        await client.ask("polite");
        between.push((flood.sent - before) / 2 ** 20);
      }
      assertGreater(await flood.stop(), 2 ** 20);
      const counted = between.toSorted((one, other) => one - other).slice(0, -PAUSED);
      const mebibytes = counted.reduce((sum, each) => sum + each, 0) / counted.length;
      assertLessOrEqual(mebibytes, most, "MiB of the flood for each reply");
    },
  );
}
