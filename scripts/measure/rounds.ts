/**
 * Measures servers against each other: all run at once, and take the load in turns, round by round,
 * so that a machine that slows down does so to all. What counts is the median over the rounds, and
 * the median of the ratio to the first server within each round.
 */

import { load } from "../compare/load.ts";
import type { Mode } from "../compare/modes.ts";
import type { Command } from "../tools/server_process.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { median } from "../tools/numbers.ts";
import { watchThreads } from "../tools/usage.ts";

/** A load by its numbers. */
export interface Load extends Partial<Omit<Mode, "job">> {
  /** Whether replies are compared with the lines; then they must come in order. @default {true} */
  verify?: boolean;
}

/** How long and how often. */
export interface RoundsOptions {
  /** @default {3} */
  rounds?: number;
  /** Seconds measured, each time. @default {1} */
  seconds?: number;
  /** Seconds of load before that, in the first round; later a third of it. @default {1} */
  warmUp?: number;
}

/** One measurement of one server. CPU times are in microseconds per line answered. */
export interface Trial {
  linesPerSecond: number;
  p50: number;
  p99: number;
  /** Replies that were wrong, out of order or missing. */
  wrong: number;
  /** Of the main thread, of all others, of the whole process. */
  main: number;
  others: number;
  cpu: number;
  /** Cores that the load generator used. */
  client: number;
  /** Largest resident set so far, in MiB. */
  peak: number;
}

/** A server's medians, and beside them those of the ratios to the first server, for rates and CPU. */
export interface Summary extends Trial {
  rateRatio: number;
  cpuRatio: number;
}

/** Puts one load on a server that runs, once. */
export async function measureOnce(
  server: ServerProcess,
  options: { load: Load; seconds: number; warmUp: number },
): Promise<Trial> {
  const { seconds, warmUp } = options;
  const { verify = true, connections = 1, window = 1, size = 32 } = options.load;
  const job = verify ? "echo" : "cpu";
  const mode: Mode = { id: "", title: "", job, connections, window, size };
  const { result, cores } = await watchThreads(
    () => load({ port: server.port, mode, seconds, warmUp }),
    { pid: server.pid, seconds },
  );
  const perLine = (value: number | undefined) => (value ?? NaN) * 1e6 / result.linesPerSecond;
  const [main, others] = [perLine(cores?.main), perLine(cores?.others)];
  const peak = cores === undefined ? NaN : server.usage().peak;
  const { clientCores: client, ...rest } = result;
  return { ...rest, client, main, others, cpu: main + others, peak };
}

/**
 * Measures servers under one load.
 *
 * @param servers By name; the first one is what the ratios are to.
 * @throws {Error} If a reply was wrong.
 */
export async function measureServers(
  servers: Record<string, Command>,
  load: Load,
  { rounds = 3, seconds = 1, warmUp = 1 }: RoundsOptions = {},
): Promise<Record<string, Summary>> {
  await using stack = new AsyncDisposableStack();
  const running = new Map<string, ServerProcess>();
  for (const [name, command] of Object.entries(servers)) {
    running.set(name, stack.use(await ServerProcess.spawn(command)));
  }
  const trials: Record<string, Trial>[] = [];
  for (let round = 0; round < rounds; round++) {
    const trial: Record<string, Trial> = {};
    for (const [name, server] of running) {
      const wait = round === 0 ? warmUp : warmUp / 3;
      trial[name] = await measureOnce(server, { load, seconds, warmUp: wait });
      if (trial[name].wrong > 0) throw new Error(`${name}: ${trial[name].wrong} replies wrong`);
    }
    trials.push(trial);
  }
  return summarise(trials, Object.keys(servers));
}

/** From rounds of trials to a summary of each server; ratios are to the first. */
function summarise(
  rounds: readonly Record<string, Trial>[],
  [base, ...others]: readonly string[],
): Record<string, Summary> {
  const summaries = [base, ...others].map((name) => {
    const of = (value: (trial: Trial, base: Trial) => number) =>
      median(rounds.map((round) => value(round[name], round[base])));
    const keys = Object.keys(rounds[0][name]) as (keyof Trial)[];
    const medians = Object.fromEntries(keys.map((key) => [key, of((trial) => trial[key])]));
    const summary: Summary = {
      ...rounds[0][name], // for its type: every number is replaced
      ...medians,
      rateRatio: of((trial, base) => trial.linesPerSecond / base.linesPerSecond),
      cpuRatio: of((trial, base) => trial.cpu / base.cpu),
    };
    return [name, summary] as const;
  });
  return Object.fromEntries(summaries);
}
