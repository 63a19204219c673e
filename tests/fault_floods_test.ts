/**
 * Floods of lines that need no worker, and a polite client beside them. How long its replies take depends on
 * the machine; how much of the flood is taken in between two of them does not.
 */

import { assertLessOrEqual } from "@std/assert";
import { Flood } from "../scripts/limits/flood.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { again } from "./helpers/again.ts";
import { LONG } from "./helpers/long.ts";

const REPLIES = 100;

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
    // Where the machine pauses the polite client, the flood goes on meanwhile.
    () =>
      again(async () => {
        // One such client kept the reactor from all others for half a second, again and again.
        await using server = await FaultServer.start(["--workers", "2", ...args]);
        using client = await server.connect();
        await client.ask("warm up");
        const flood = await Flood.start(server.addr, 8, text);
        for (let reply = 0; reply < REPLIES; reply++) await client.ask("polite");
        const mebibytes = await flood.stop() / 2 ** 20;
        assertLessOrEqual(mebibytes / REPLIES, most, "MiB of the flood for each reply");
      }),
  );
}
