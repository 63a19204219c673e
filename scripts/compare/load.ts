/**
 * The load: `hsha bench` as a child process, and what its JSON says.
 */

import { fileURLToPath } from "node:url";
import type { Mode } from "./modes.ts";

/** What one load came to. */
export interface LoadReport {
  linesPerSecond: number;
  /** Latency in microseconds from a line's sending to its reply. */
  p50: number;
  p99: number;
  /** Replies that were wrong, out of order or missing. */
  wrong: number;
  /** Cores that the load generator used. */
  clientCores: number;
}

/** Options of {@linkcode load}. */
export interface LoadOptions {
  port: number;
  mode: Mode;
  /** Seconds that are measured, and those before that are not. */
  seconds: number;
  warmUp: number;
}

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/**
 * Drives a server of 127.0.0.1.
 *
 * @throws {Error} If the load generator fails; with the first line that it said.
 */
export async function load({ port, mode, seconds, warmUp }: LoadOptions): Promise<LoadReport> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", MAIN, "bench", `127.0.0.1:${port}`, "--json"],
      ...["--connections", String(mode.connections), "--window", String(mode.window)],
      ...["--size", String(mode.size), "--expect", mode.job === "echo" ? "echo" : "none"],
      ...["--duration", String(seconds), "--warmup", String(warmUp)],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  // A load with wrong replies has a report too, and exit code 1.
  const report = text(stdout);
  if (report === "") throw new Error(`the load generator failed: ${text(stderr).split("\n")[0]}`);
  return readReport(report);
}

/**
 * Reads what is needed from the generator's JSON.
 *
 * @throws {TypeError} If a number is missing.
 */
export function readReport(json: string): LoadReport {
  const report: Record<string, unknown> = JSON.parse(json);
  const number = (name: string) => {
    const value = report[name];
    if (typeof value === "number") return value;
    throw new TypeError(`The load generator's report has no number "${name}"`);
  };
  // An error reply is a mismatch already, unless any line will do.
  const errors = report.expect === "none" ? number("errorReplies") : 0;
  return {
    linesPerSecond: number("linesPerSecond"),
    p50: number("p50Micros"),
    p99: number("p99Micros"),
    wrong: number("mismatches") + number("unanswered") + number("connectionErrors") + errors,
    clientCores: number("clientCores"),
  };
}
