/**
 * A server as a process of its own: what a fault costs is measured from outside, in /proc, and a worker
 * that is stuck takes no test along. Its log is JSON, each line an event that can be waited for.
 */

import { LineClient } from "./client.ts";
import { STEP, within } from "./deadline.ts";
import { environment, ROOT } from "./program.ts";
import { type Usage, usageOf } from "./fault_usage.ts";

/** An event of the log, as it was written. */
export interface LogEntry {
  type: string;
  level: string;
  [field: string]: unknown;
}

/** What became of lines, by name; see `Counters` of lib/events.ts. */
export type CounterFields = Record<string, number>;

/** Options of {@linkcode FaultServer.start}. */
export interface FaultServerOptions {
  /** Descriptors that the server may have open. @default {those of this process} */
  descriptors?: number;
  /** Further environment variables. */
  env?: Record<string, string>;
  /** Whether not to ask for a free port and the JSON log; the arguments are all there is. */
  bare?: boolean;
}

/** A server process and its log. */
export class FaultServer implements AsyncDisposable {
  /** Every line that it wrote to standard error. */
  readonly lines: string[] = [];
  /** Those lines that are events. */
  readonly log: LogEntry[] = [];
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly pid: number;
  /** Where it listens. */
  addr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 0 };
  readonly #child: Deno.ChildProcess;
  #grown = Promise.withResolvers<void>();
  #ended = false;

  private constructor(args: string[], { descriptors, env }: FaultServerOptions) {
    const words = ["run", "-A", `${ROOT}main.ts`, ...args];
    const limited = ["-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, Deno.execPath(), ...words];
    this.#child = new Deno.Command(descriptors === undefined ? Deno.execPath() : "bash", {
      args: descriptors === undefined ? words : limited,
      cwd: ROOT,
      env: { ...environment(), ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.status = this.#follow();
  }

  /**
   * Starts `main.ts` on a free port, and waits until it listens.
   *
   * @throws {Error} if it ends before, with what it wrote
   */
  static async start(args: string[] = [], options: FaultServerOptions = {}): Promise<FaultServer> {
    const own = options.bare ? [] : ["--port", "0", "--log", "json", "--log-level", "debug"];
    const given = args.includes("--unix") ? own.slice(2) : own;
    const server = new FaultServer([...given, ...args], options);
    try {
      const listening = await server.event("listening");
      server.addr = listening.addr as Deno.Addr;
    } catch (error) {
      server.kill("SIGKILL");
      await server.status;
      throw error;
    }
    return server;
  }

  /** Starts a server that is expected to end by itself. */
  static launch(args: string[], options: FaultServerOptions = {}): FaultServer {
    return new FaultServer(args, options);
  }

  /**
   * Waits for the first event of this type that passes `test`, from log entry `from` on.
   *
   * @throws {Error} if it does not come within so many milliseconds, or the server ends without it
   */
  async event(
    type: string,
    { within: millis = STEP, from = 0, test = (_: LogEntry) => true as boolean } = {},
  ): Promise<LogEntry> {
    for (;;) {
      const found = this.log.slice(from).find((entry) => entry.type === type && test(entry));
      if (found !== undefined) return found;
      const so = () => this.lines.slice(-20).join("\n");
      if (this.#ended) throw new Error(`the server ended without the event ${type}:\n${so()}`);
      await within(this.#grown.promise, `the event ${type} after\n${so()}`, millis);
    }
  }

  /** Waits until a line of its standard error matches. */
  async written(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) {
      if (this.#ended) throw new Error(`the server ended without writing ${pattern}`);
      await within(this.#grown.promise, `${pattern} on standard error`);
    }
  }

  /** Asks for the counters by SIGUSR2. */
  async counters(): Promise<{ connections: number; unanswered: number; counters: CounterFields }> {
    const from = this.log.length;
    this.kill("SIGUSR2");
    const { connections, unanswered, counters } = await this.event("counters", { from });
    return {
      connections: Number(connections),
      unanswered: Number(unanswered),
      counters: counters as CounterFields,
    };
  }

  /** A new client. */
  connect(): Promise<LineClient> {
    return LineClient.connect(this.addr);
  }

  /** What it has of the machine now. */
  usage(): Usage {
    return usageOf(this.pid);
  }

  /** Sends it a signal; does nothing once it has ended. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended already
    }
  }

  /** Stops it by SIGTERM. @returns its exit code and the counters at its end */
  async stop(): Promise<{ code: number; counters: CounterFields }> {
    this.kill("SIGTERM");
    const { code } = await this.status;
    const last = this.log.findLast(({ type }) => type === "stopped");
    return { code, counters: (last?.counters ?? {}) as CounterFields };
  }

  /** Kills it, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.kill("SIGKILL");
    await this.status;
  }

  async #follow(): Promise<Deno.CommandStatus> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
      this.#tell();
    }
    if (rest !== "") this.#take(rest);
    const status = await this.#child.status;
    this.#ended = true;
    this.#tell();
    return status;
  }

  #take(line: string): void {
    this.lines.push(line);
    if (line.startsWith("{")) this.log.push(JSON.parse(line));
  }

  #tell(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
  }
}
