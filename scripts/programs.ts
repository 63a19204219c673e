/**
 * Measures `exec` beside other ways to put a program behind a port, and prints a table of the
 * figures: `deno run -A scripts/programs.ts [ROUNDS]`. Linux; Debian's mawk, ncat, socat and ucspi-tcp.
 */

import { load } from "./compare/load.ts";
import { machineName } from "./compare/machine.ts";
import type { Mode } from "./compare/modes.ts";
import { findAll } from "./compare/programs.ts";
import { median } from "./tools/numbers.ts";
import { type Peer, PEERS, PROGRAM_FILE } from "./programs/peers.ts";
import { Served } from "./programs/served.ts";

const ROUNDS = Number(Deno.args[0] ?? 3);
const SECONDS = 1;
const WARM_UP = 0.5;

/** Clients, lines that each keeps under way, and what that is called. */
const LOADS = [
  [1, 1, "1 client that waits"],
  [64, 1, "64 clients that wait"],
  [4, 64, "4 clients × 64 ahead"],
] as const;
const TAKEN =
  `Lines per second, medians of ${ROUNDS} × ${SECONDS} s; memory (PSS) of all processes with 64 clients:`;

/** What was measured of one way. */
interface Figures {
  /** Lines per second under each load, a median of rounds. */
  rates: number[];
  /** MiB with 64 clients. */
  memory: number;
  /** Lines that had no reply, or a wrong one. */
  wrong: number;
  hang: { reply: string; runs: boolean };
}

async function measure(peer: Peer, file: string): Promise<Figures> {
  const rates: number[][] = LOADS.map(() => []);
  const memories: number[] = [];
  let wrong = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [connections, window]] of LOADS.entries()) {
      await using served = await Served.start((port) => peer.command(port, file));
      const mode: Mode = { id: "", title: "", job: "echo", connections, window, size: 32 };
      const looks: number[] = [];
      const timer = setInterval(() => looks.push(served.memory()), 250);
      const report = await load({ port: served.port, mode, seconds: SECONDS, warmUp: WARM_UP });
      clearInterval(timer);
      wrong += report.wrong;
      rates[index].push(report.linesPerSecond);
      if (connections === 64) memories.push(Math.max(...looks));
    }
  }
  await using served = await Served.start((port) => peer.command(port, file));
  const hang = await served.hang();
  return { rates: rates.map(median), memory: median(memories), wrong, hang };
}

function row({ name }: Peer, { rates, memory, wrong, hang }: Figures): string {
  const group = (rate: number) => Number(rate.toPrecision(3)).toLocaleString("en");
  const reply = hang.reply === "" ? "no reply" : "an `ERR`";
  const rest = hang.runs ? "it computes on when the client has gone" : "it is ended";
  const cells = [
    name,
    ...rates.map(group),
    `${memory.toFixed(0)} MiB`,
    String(wrong),
    `${reply}; ${rest}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

const file = await Deno.makeTempFile({ prefix: "hsha-program-" });
await Deno.writeTextFile(file, PROGRAM_FILE);
await Deno.chmod(file, 0o755);
const rows: string[] = [];
for (const peer of PEERS) {
  const found = await Promise.all(peer.needs.map(async (name) => (await findAll(name)).length > 0));
  if (found.includes(false)) throw new Error(`${peer.name} needs ${peer.needs.join(", ")}`);
  rows.push(row(peer, await measure(peer, file)));
  console.error(rows.at(-1));
}
await Deno.remove(file);
const day = new Date().toISOString().slice(0, 10);
const text = [
  `${day}, ${await machineName()}. ${TAKEN}`,
  "",
  `|  | ${
    LOADS.map(([, , title]) => title).join(" | ")
  } | memory | lines lost | a line on which it hangs |`,
  "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
  ...rows,
  "",
  ...PEERS.map(({ name, typed }) => `- ${name}: \`${typed}\``),
].join("\n");
console.log(text);
