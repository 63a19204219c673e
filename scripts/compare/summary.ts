/**
 * From single measurements to the rows of a table: medians over the rounds, and the ratio to this
 * server in the same run.
 */

import { median } from "../tools/numbers.ts";

/** One measurement: one peer under one load in one round. */
export interface Sample {
  peer: string;
  mode: string;
  linesPerSecond: number;
  /** Latency in microseconds from a line's sending to its reply. */
  p50: number;
  p99: number;
  /** Microseconds of CPU time of the server for each line; `undefined` where unknown. */
  cpuPerLine?: number;
  /** The server's largest resident set since its start, in MiB; `undefined` where unknown. */
  peakRss?: number;
  /** Cores that the load generator used. */
  clientCores: number;
  /** Replies that were wrong, out of order or missing. */
  wrong: number;
}

/** One row: a peer under a load, medians over the rounds. */
export interface Row extends Omit<Sample, "mode"> {
  /** Its lines per second against those of the peer `hsha`; `undefined` if that was not run. */
  ratio?: number;
  /** Half the distance between the slowest and the fastest round, as a share of the median. */
  spread: number;
}

/**
 * The rows of one load, one per peer that has samples of it, in the order in which these come.
 */
export function rowsOf(mode: string, samples: readonly Sample[]): Omit<Row, "ratio">[] {
  const ofMode = samples.filter((sample) => sample.mode === mode);
  return [...Map.groupBy(ofMode, (sample) => sample.peer)].map(([peer, rounds]) => {
    const of = (value: (sample: Sample) => number | undefined) =>
      rounds.map(value).filter((each) => each !== undefined);
    const rates = of((sample) => sample.linesPerSecond);
    const linesPerSecond = median(rates);
    return {
      peer,
      linesPerSecond,
      spread: (Math.max(...rates) - Math.min(...rates)) / 2 / linesPerSecond,
      p50: median(of((sample) => sample.p50)),
      p99: median(of((sample) => sample.p99)),
      cpuPerLine: known(median(of((sample) => sample.cpuPerLine))),
      peakRss: known(median(of((sample) => sample.peakRss))),
      clientCores: median(of((sample) => sample.clientCores)),
      wrong: of((sample) => sample.wrong).reduce((sum, wrong) => sum + wrong, 0),
    };
  });
}

/** Rows with their ratios to the row of `hsha`, if there is one. */
export function withRatios(rows: readonly Omit<Row, "ratio">[]): Row[] {
  const own = rows.find((row) => row.peer === "hsha")?.linesPerSecond;
  return rows.map((row) => ({
    ...row,
    ratio: own === undefined ? undefined : row.linesPerSecond / own,
  }));
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
