/**
 * The measurements: round by round, so that a drift of the machine hits every peer alike. Each has
 * a fresh server, a check of its replies, and then the load, of which the warm-up does not count.
 */

import { checkJob } from "./line_client.ts";
import { load } from "./load.ts";
import type { Mode } from "./modes.ts";
import type { ReadyPeer } from "./peers.ts";
import { ServerProcess } from "../tools/server_process.ts";
import { watchThreads } from "../tools/usage.ts";
import type { Sample } from "./summary.ts";

/** Seconds of load before the measured ones: the compilers of V8 need them, on both sides. */
export const WARM_UP = 1.5;

/** What to measure. */
export interface RoundsOptions {
  peers: ReadonlyMap<string, ReadyPeer>;
  modes: readonly Mode[];
  rounds: number;
  /** Seconds that each measurement lasts. */
  seconds: number;
  workers: number;
  say: (text: string) => void;
}

/** What came of it. */
export interface Measured {
  samples: Sample[];
  /** What went wrong, a sentence each. */
  failures: string[];
}

/** Measures every peer under every load, in the order round, load, peer. */
export async function measureRounds(options: RoundsOptions): Promise<Measured> {
  const { peers, modes, rounds, say } = options;
  const samples: Sample[] = [];
  const failures: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const mode of modes) {
      for (const [name, peer] of peers) {
        const label = `round ${round}/${rounds}, ${mode.id}, ${name}`;
        try {
          const sample = { peer: name, ...await measure(peer, mode, options) };
          samples.push(sample);
          say(`${label}: ${Math.round(sample.linesPerSecond)} lines/s`);
          if (sample.wrong > 0) failures.push(`${label}: ${sample.wrong} replies wrong or missing`);
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          failures.push(`${label}: ${error.message}`);
          say(failures.at(-1)!);
        }
      }
    }
  }
  return { samples, failures };
}

async function measure(
  peer: ReadyPeer,
  mode: Mode,
  { workers, seconds }: RoundsOptions,
): Promise<Omit<Sample, "peer">> {
  await using server = await ServerProcess.spawn(peer.command({ workers, job: mode.job }));
  const { port } = server;
  const fault = await checkJob({ port, job: mode.job });
  if (fault !== undefined) throw new Error(fault);
  const { result: report, cores } = await watchThreads(
    () => load({ port, mode, seconds, warmUp: WARM_UP }),
    { pid: server.pid, seconds },
  );
  return {
    mode: mode.id,
    linesPerSecond: report.linesPerSecond,
    p50: report.p50,
    p99: report.p99,
    wrong: report.wrong,
    clientCores: report.clientCores,
    cpuPerLine: cores && (cores.main + cores.others) * 1e6 / report.linesPerSecond,
    peakRss: Deno.build.os === "linux" ? server.usage().peak : undefined,
  };
}
