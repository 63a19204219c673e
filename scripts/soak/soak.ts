/**
 * The soak: clients of all kinds come and go for minutes. If a server leaks, its memory grows in every
 * round; a heap that V8 sizes grows in some rounds only.
 */

import { handlerFile } from "../tools/files.ts";
import { Chance } from "../tools/chance.ts";
import { FaultServer } from "../tools/fault_server.ts";
import type { Usage } from "../tools/usage.ts";
import type { Finding } from "../limits/check.ts";
import { pause } from "../tools/pause.ts";
import { BEHAVIOURS } from "./behaviours.ts";

/** Clients at a time. */
const CLIENTS = 20;

/** Rounds after the one that warms up. */
const ROUNDS = 5;

/** Options of {@linkcode soak}. */
export interface SoakOptions {
  seconds: number;
  seed: number;
  /** Told how things stand, now and then. */
  onProgress?: (line: string) => void;
}

/** Runs the soak. @throws {Error} if a client gets a wrong reply */
export async function soak({ seconds, seed, onProgress }: SoakOptions): Promise<Finding[]> {
  const args = ["--handler", handlerFile("trouble"), "--workers", "2", "--job-timeout", "2"];
  await using server = await FaultServer.start([...args, "--max-abandoned", "1000"]);
  const chance = new Chance(seed);
  let clients = 0;
  const looks: Usage[] = [];
  // The first round warms up: V8 sizes its heaps, the system's allocator its arenas.
  for (let round = 0; round <= ROUNDS; round++) {
    clients += await crowd(server, chance, seconds / (ROUNDS + 1));
    looks.push(await calm(server, round === ROUNDS ? looks[0].threads : Infinity));
    onProgress?.(`${clients} clients: ${words(looks[round])}`);
  }
  const { code, counters } = await server.stop();
  const { accepted, answered, failed, gone, replaced } = counters;
  return [
    { what: "clients", value: clients, unit: "", atLeast: seconds },
    { what: "lines", value: accepted, unit: "", atLeast: seconds * 100 },
    { what: "workers replaced", value: replaced, unit: "", atLeast: 1 },
    ...growth(looks),
    {
      what: "lines unaccounted for",
      value: Math.abs(accepted - answered - failed - gone),
      unit: "",
      atMost: 0,
    },
    { what: "exit code", value: code, unit: "", atMost: 0 },
  ];
}

/**
 * What a server has more of than after the first round. Memory is noisy, so the smallest growth of all
 * rounds counts. Descriptors and threads are exact, and more of them in the end are a leak.
 *
 * @param looks What it had after each round, the one that warms up first.
 */
export function growth(looks: readonly Usage[]): Finding[] {
  const memory = looks.slice(1).map(({ rss }, index) => rss - looks[index].rss);
  const more = (what: "descriptors" | "threads"): Finding => ({
    what: `more ${what} in the end`,
    value: looks[looks.length - 1][what] - looks[0][what],
    unit: "",
    atMost: 0,
  });
  return [
    { what: "more memory in each round", value: Math.min(...memory), unit: "MiB", atMost: 4 },
    more("descriptors"),
    more("threads"),
  ];
}

/** Keeps a crowd of clients busy for so many seconds. @returns how many there were */
async function crowd(server: FaultServer, chance: Chance, seconds: number): Promise<number> {
  const kinds = BEHAVIOURS.flatMap(([times, behaviour]) => Array(times).fill(behaviour));
  const begun = performance.now();
  let clients = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (since(begun) < seconds) {
      clients++;
      await chance.pick(kinds)(server.addr, chance);
    }
  }));
  return clients;
}

/** Milliseconds after which the runtime has given back a thread that it does not need. */
const THREAD_LIFE = 15_000;

/**
 * Waits until nobody is connected and no worker is stuck, and looks at what the server has then.
 *
 * @param threads How many it had before: the runtime keeps those that it does not need for a while.
 */
async function calm(server: FaultServer, threads = Infinity): Promise<Usage> {
  for (let tries = 0; tries < 200; tries++) {
    const { connections, unanswered, counters } = await server.counters();
    if (connections === 0 && unanswered === 0 && counters.abandoned === 0) break;
    await pause(50);
  }
  await pause(1000); // for what is given back a little later: pages
  const until = performance.now() + THREAD_LIFE;
  while (server.usage().threads > threads && performance.now() < until) await pause(100);
  return server.usage();
}

function since(begun: number): number {
  return (performance.now() - begun) / 1000;
}

function words({ rss, threads, descriptors, cpu }: Usage): string {
  return `${
    rss.toFixed(0)
  } MiB, ${threads} threads, ${descriptors} descriptors, ${cpu} s of CPU time`;
}
