/**
 * Measures this server beside what a user would pick instead: `deno run -A scripts/compare.ts`. Writes
 * docs/compare.json, and from it docs/compare.md, docs/compare.svg and the README's table.
 */

import { pathToFileURL } from "node:url";
import { parseArgs } from "@std/cli";
import { machineName } from "./compare/machine.ts";
import { type Mode, MODES } from "./compare/modes.ts";
import { chart, type Comparison, page, type PeerNote } from "./compare/page.ts";
import { type Peer, PEERS, type ReadyPeer } from "./compare/peers.ts";
import { fillReadme } from "./compare/readme.ts";
import { measureRounds, WARM_UP } from "./compare/rounds.ts";
import { rowsOf } from "./compare/summary.ts";
import { format } from "./format.ts";

const DOCS = "docs";
const README = "README.md";

const HELP = `Measures this server beside others that do the same job.

Usage: deno run -A scripts/compare.ts [options]

  --rounds N      rounds, of which the median counts (default 3)
  --seconds S     seconds of each measurement (default 2)
  --peers LIST    ${PEERS.map(({ name }) => name).join(",")} (default: all)
  --modes LIST    ${MODES.map(({ id }) => id).join(",")} (default: all)
  --workers N     workers of each server (default: the machine's CPUs)
  --out FOLDER    where compare.json, compare.md and compare.svg go (default: docs)
  --pages         measure nothing: make the pages from compare.json again
  -h, --help      this text

A peer that is not installed is left out, and the page says why. If Node is installed without Piscina,
npm installs Piscina into scripts/peers/node_piscina/node_modules.
`;

/** A mistake on the command line; its message is one line for the user. */
class UsageError extends Error {}

interface Options {
  rounds: number;
  seconds: number;
  peers: readonly Peer[];
  modes: readonly Mode[];
  workers: number;
  out: string;
  pages: boolean;
}

/**
 * Runs the comparison.
 *
 * @returns The exit code: 0; 1 when a measurement failed or a reply was wrong; 2 after a mistake in
 *   `args`.
 */
export async function main(args: string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === "help") {
      console.log(HELP.trimEnd());
      return 0;
    }
    return await (options.pages ? writePages(options.out) : compare(options, args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(error.message);
    return 2;
  }
}

async function compare(options: Options, args: string[]): Promise<number> {
  const ready = new Map<string, ReadyPeer>();
  const peers: PeerNote[] = [];
  for (const { name, description, prepare } of options.peers) {
    const found = await prepare({ install: true, say });
    if ("missing" in found) say(`${name} is left out: ${found.missing}`);
    else ready.set(name, found);
    peers.push({ name, description, ...found });
  }
  const { samples, failures } = await measureRounds({ ...options, peers: ready, say });
  const comparison: Comparison = {
    date: new Date().toISOString().slice(0, 10),
    machine: await machineName(),
    command: ["deno run -A scripts/compare.ts", ...args].join(" "),
    rounds: options.rounds,
    seconds: options.seconds,
    warmUp: WARM_UP,
    workers: options.workers,
    failures,
    peers,
    rows: Object.fromEntries(options.modes.map(({ id }) => [id, rowsOf(id, samples)])),
  };
  await Deno.mkdir(options.out, { recursive: true });
  await Deno.writeTextFile(`${options.out}/compare.json`, JSON.stringify(comparison));
  await writePages(options.out);
  if (failures.length > 0) say(`${failures.length} measurements went wrong; the page names them`);
  return failures.length === 0 ? 0 : 1;
}

/** Makes the pages from what is stored. */
async function writePages(out: string): Promise<number> {
  const comparison: Comparison = JSON.parse(await Deno.readTextFile(`${out}/compare.json`));
  await Deno.writeTextFile(`${out}/compare.md`, page(comparison));
  await Deno.writeTextFile(`${out}/compare.svg`, chart(comparison));
  const files = ["compare.json", "compare.md", "compare.svg"].map((name) => `${out}/${name}`);
  if (out === DOCS) {
    await Deno.writeTextFile(README, fillReadme(await Deno.readTextFile(README), comparison));
    files.push(README);
  }
  await format(files.map((file) => pathToFileURL(file)));
  say(`wrote ${files.join(", ")}`);
  return 0;
}

function readOptions(args: string[]): Options | "help" {
  const names = ["rounds", "seconds", "peers", "modes", "workers", "out"];
  const parsed = parseArgs(args, {
    string: names,
    boolean: ["help", "pages"],
    alias: { help: "h" },
    unknown(arg) {
      throw new UsageError(`there is no option "${arg}"; --help lists all options`);
    },
  });
  if (parsed.help) return "help";
  const given = (name: string) => parsed[name] === undefined ? undefined : String(parsed[name]);
  const number = (name: string, fallback: number) => {
    const value = given(name);
    if (value === undefined) return fallback;
    const whole = name !== "seconds";
    if (Number(value) > 0 && (!whole || Number.isInteger(Number(value)))) return Number(value);
    throw new UsageError(
      `--${name} is "${value}"; it must be a ${whole ? "whole number" : "number"} above 0`,
    );
  };
  return {
    rounds: number("rounds", 3),
    seconds: number("seconds", 2),
    workers: number("workers", navigator.hardwareConcurrency),
    peers: choose("peers", { list: given("peers"), from: PEERS, key: (peer) => peer.name }),
    modes: choose("modes", { list: given("modes"), from: MODES, key: (mode) => mode.id }),
    out: given("out") ?? DOCS,
    pages: parsed.pages === true,
  };
}

function choose<T>(
  name: string,
  { list, from, key }: { list?: string; from: readonly T[]; key: (each: T) => string },
): readonly T[] {
  if (list === undefined) return from;
  return list.split(",").map((word) => {
    const found = from.find((each) => key(each) === word);
    if (found !== undefined) return found;
    throw new UsageError(`--${name} names "${word}"; there are ${from.map(key).join(", ")}`);
  });
}

function say(text: string): void {
  console.error(`compare: ${text}`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
