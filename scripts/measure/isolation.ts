/**
 * Fairness: how long a polite client waits, one that sends a line and waits for its reply. It is
 * alone, beside clients that send all they can, or beside one whose every other line takes 20 ms.
 */

import { ServerProcess } from "../tools/server_process.ts";
import { median } from "../tools/numbers.ts";
import { Probe } from "../howto/probe.ts";
import { pause } from "../tools/pause.ts";
import { load } from "../compare/load.ts";
import { Notes } from "./figures.ts";
import { NO_FAIRNESS } from "./guarantees.ts";
import { measureOnce, type Trial } from "./rounds.ts";
import { HANDLERS, hsha, inline } from "./servers.ts";

const ROUNDS = 3;
const SECONDS = 1.2;
const SLOW = 20;

/** What there is beside the polite client. */
const BESIDE: Record<string, (port: number) => Promise<void>> = {
  nobody: () => Promise.resolve(),
  greedy,
  slow,
};

/** A polite client beside others: this server, the same without fair turns, and inline. */
export async function measureIsolation(): Promise<Notes> {
  const notes = new Notes();
  const args = ["--handler", HANDLERS.timed];
  await using stack = new AsyncDisposableStack();
  const servers = new Map<string, ServerProcess>();
  for (
    const [name, command] of Object.entries({
      hsha: hsha({ args }),
      unfair: hsha({ args, tuning: NO_FAIRNESS }),
      inline: inline(HANDLERS.timed),
    })
  ) servers.set(name, stack.use(await ServerProcess.spawn(command)));
  const trials = new Map<string, Trial[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server] of servers) {
      for (const beside of Object.keys(BESIDE)) {
        const key = `isolation.${beside}.${name}`;
        trials.set(key, [...trials.get(key) ?? [], await polite(server, beside)]);
      }
    }
  }
  for (const [key, rounds] of trials) {
    notes.add(`${key}.p50`, median(rounds.map(({ p50 }) => p50)) / 1000, "ms");
    notes.add(`${key}.p99`, median(rounds.map(({ p99 }) => p99)) / 1000, "ms");
  }
  return notes;
}

async function polite(server: ServerProcess, beside: string): Promise<Trial> {
  const other = BESIDE[beside](server.port);
  const trial = await measureOnce(server, { load: {}, seconds: SECONDS, warmUp: 0.3 });
  await other;
  return trial;
}

/** Four clients that keep 512 lines under way each, for longer than the polite one asks. */
async function greedy(port: number): Promise<void> {
  const mode = { id: "", title: "", job: "echo" as const, connections: 4, window: 512, size: 32 };
  await load({ port, mode, seconds: SECONDS + 0.8, warmUp: 0.1 });
}

/** One client with 64 lines under way; every other one keeps its worker for 20 ms. */
async function slow(port: number): Promise<void> {
  using probe = await Probe.connect(port);
  const pair = `block ${SLOW}\nquick\n`;
  await probe.send(pair.repeat(32));
  const end = performance.now() + (SECONDS + 0.8) * 1000;
  let outstanding = 64;
  while (outstanding > 0) {
    await probe.reply();
    await probe.reply();
    if (performance.now() < end) await probe.send(pair);
    else outstanding -= 2;
  }
  await pause(0);
}
