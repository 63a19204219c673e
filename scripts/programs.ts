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
import { type Hang, Served } from "./programs/served.ts";

const ROUNDS = Number(Deno.args[0] ?? 2);
const SECONDS = 0.5;
const WARM_UP = 0.2;

/** Clients, lines that each keeps under way, and what that is called. */
const LOADS = [
  [1, 1, "1 client that waits"],
  [64, 1, "64 clients that wait"],
  [4, 64, "4 clients × 64 ahead"],
] as const;
const TAKEN =
  `Lines per second, medians of ${ROUNDS} × ${SECONDS} s; memory (PSS) of all processes with 64 clients:`;

/** One of several times that everything is measured. */
interface Round {
  /** A file that runs the program. */
  file: string;
  isLast: boolean;
}

/** What was measured of one way. */
class Figures {
  /** Lines per second under each load, one of each round. */
  readonly rates: number[][] = LOADS.map(() => []);
  /** MiB with 64 clients, one of each round. */
  readonly memories: number[] = [];
  /** Lines that had no reply, or a wrong one. */
  wrong = 0;
  hang: Hang | undefined;
}

/** Adds a round to the figures of one way; the last round ends with a line on which the program hangs. */
async function measure(peer: Peer, figures: Figures, { file, isLast }: Round): Promise<void> {
  await using served = await Served.start((port) => peer.command(port, file));
  for (const [index, [connections, window]] of LOADS.entries()) {
    const mode: Mode = { id: "", title: "", job: "echo", connections, window, size: 32 };
    const looks: number[] = [];
    const look = () => looks.push(served.memory());
    const timer = connections === 64 ? setInterval(look, 250) : undefined;
    const report = await load({ port: served.port, mode, seconds: SECONDS, warmUp: WARM_UP });
    clearInterval(timer);
    figures.wrong += report.wrong;
    figures.rates[index].push(report.linesPerSecond);
    if (connections === 64) figures.memories.push(Math.max(...looks));
  }
  if (isLast && peer.hangs) figures.hang = await served.hang();
}

function row({ name }: Peer, { rates, memories, wrong, hang }: Figures): string {
  const group = (rate: number) => Number(rate.toPrecision(2)).toLocaleString("en");
  const cells = [
    name,
    ...rates.map((each) => group(median(each))),
    `${median(memories).toFixed(0)} MiB`,
    String(wrong),
    hang === undefined ? "–" : hangText(hang),
  ];
  return `| ${cells.join(" | ")} |`;
}

function hangText({ reply, runs }: Hang): string {
  const rest = runs ? "the program computes on when the client has gone" : "the program is ended";
  return `${reply === "" ? "no reply" : "an `ERR`"}; ${rest}`;
}

/** How many times more lines `exec` answers than a process for each line, under each load. */
function timesOf(exec: Figures, perLine: Figures): string {
  return exec.rates.map((each, index) => {
    const times = median(each) / median(perLine.rates[index]);
    return `${times.toFixed(1)} (${LOADS[index][2]})`;
  }).join(", ");
}

for (const { name, needs } of PEERS) {
  const found = await Promise.all(needs.map(async (need) => (await findAll(need)).length > 0));
  if (found.includes(false)) throw new Error(`${name} needs ${needs.join(", ")}`);
}
const file = await Deno.makeTempFile({ prefix: "hsha-program-" });
await Deno.writeTextFile(file, PROGRAM_FILE);
await Deno.chmod(file, 0o755);
const all = PEERS.map((peer) => ({ peer, figures: new Figures() }));
for (let round = 1; round <= ROUNDS; round++) {
  for (const { peer, figures } of all) {
    await measure(peer, figures, { file, isLast: round === ROUNDS });
    const rates = figures.rates.map((each) => each.at(-1)!.toFixed(0));
    console.error(`${round}: ${peer.name}: ${rates.join(", ")} lines/s`);
  }
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
  ...all.map(({ peer, figures }) => row(peer, figures)),
  "",
  `\`exec\` answers so many times the lines of a process for each line: ${
    timesOf(all[0].figures, all.at(-1)!.figures)
  }.`,
  "",
  ...PEERS.map(({ name, typed }) => `- ${name}: \`${typed}\``),
].join("\n");
console.log(text);
