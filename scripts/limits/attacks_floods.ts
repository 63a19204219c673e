/** Floods of all kinds, most of them lines that need no worker: a polite client must not feel them. */

import type { Attack } from "./attack.ts";
import { pause } from "../tools/pause.ts";
import { Flood } from "./flood.ts";

const SECONDS = 4;

const TOO_LONG = `${"x".repeat(65_537)}\n`;
const REJECT = ["--overload", "reject", "--queue-limit", "100"];

/** One row: name, what is sent, by how many clients, the bytes, options of the server. */
type Row = [name: string, what: string, clients: number, text: string, args?: string[]];

const ROWS: Row[] = [
  ["flood-too-long", "lines that are one byte too long", 1, TOO_LONG],
  ["flood-too-long-20", "the same", 20, TOO_LONG],
  ["flood-too-long-200", "the same", 200, TOO_LONG],
  ["flood-endless", "a line without an end", 4, "x"],
  ["flood-rejected", "`a\\n` under --overload reject --queue-limit 100", 4, "a\n", REJECT],
  ["flood-rejected-50", "the same", 50, "a\n", REJECT],
  ["flood-tiny-long", "`aaa\\n` under --max-line 1", 4, "aaa\n", ["--max-line", "1"]],
  ["flood-mixed", "`aaa\\n` and empty lines under --max-line 1", 50, "aaa\n\n", [
    "--max-line",
    "1",
  ]],
  ["flood-empty", "empty lines", 20, "\n"],
  ["flood-cr", "`\\r` alone", 20, "\r"],
  ["flood-no-utf8", "short lines that are not UTF-8", 20, "\xff\xfe\n"],
  ["flood-longest", "lines as long as they may be", 50, `${"x".repeat(65_536)}\n`],
];

export const FLOOD_ATTACKS: Attack[] = ROWS.map(([name, what, clients, text, args]) => ({
  name,
  title: `${clients} client${clients === 1 ? " floods" : "s flood"} with ${what} for ${SECONDS} s`,
  args,
  memory: 512,
  async run({ addr }) {
    const flood = await Flood.start(addr, clients, text);
    await pause(SECONDS * 1000);
    const mebibytes = await flood.stop() / 2 ** 20;
    return [{ what: "sent", value: mebibytes, unit: "MiB", atLeast: 1 }];
  },
}));
