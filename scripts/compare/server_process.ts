/**
 * A server of the comparison while it runs: a child process, and the port that it took.
 */

import type { Command } from "./peers.ts";

/** Seconds a server may take to start, and to stop before it is killed. */
const START_LIMIT = 20;
const STOP_LIMIT = 3;
/** Lines of its output that are kept for an error's message. */
const KEPT_LINES = 20;

/** A server that listens. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<unknown>;

  private constructor(port: number, child: Deno.ChildProcess, output: Promise<unknown>) {
    this.port = port;
    this.#child = child;
    this.#output = output;
  }

  /**
   * Starts a server, and waits until it has printed the address that it listens on.
   *
   * @throws {Error} If it ends before, or says nothing for 20 seconds; with what it printed.
   */
  static async start({ program, args }: Command): Promise<ServerProcess> {
    const child = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const kept: string[] = [];
    const listening = Promise.withResolvers<number>();
    const onLine = (line: string) => {
      kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      const port = line.match(/127\.0\.0\.1:([1-9]\d*)/)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    };
    const output = Promise.all([forLines(child.stdout, onLine), forLines(child.stderr, onLine)]);
    const ended = output.then(() => child.status);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), START_LIMIT * 1000);
    const first = await Promise.race([listening.promise, ended, late.promise]);
    clearTimeout(timer);
    if (typeof first === "number") return new ServerProcess(first, child, ended);
    if (first === undefined) child.kill("SIGKILL");
    await ended;
    const name = program.split(/[/\\]/).at(-1);
    throw new Error(`${name} does not listen: ${kept.join(" | ") || "it printed nothing"}`);
  }

  /** The ID of its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Ends the server: asks, and after 3 seconds kills. */
  async [Symbol.asyncDispose](): Promise<void> {
    const kill = (signal: Deno.Signal) => {
      try {
        this.#child.kill(signal);
      } catch { /* it has ended already */ }
    };
    kill("SIGTERM");
    const timer = setTimeout(() => kill("SIGKILL"), STOP_LIMIT * 1000);
    await this.#output;
    clearTimeout(timer);
  }
}

async function forLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}
