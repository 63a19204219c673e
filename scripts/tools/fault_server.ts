/**
 * A server as a process of its own: what a fault costs is measured from outside, in /proc, and a stuck
 * worker holds up no test. Its log is JSON, and a test can wait for each of its events.
 */

import { STEP, within } from "./deadline.ts";
import { LineClient } from "./line_client.ts";
import { ROOT } from "./process.ts";
import { ServerProcess } from "./server_process.ts";

/** An event of the log, as it was written. */
export interface LogEntry {
  type: string;
  level: string;
  [field: string]: unknown;
}

/** What became of lines, by name; see `Counters` of lib/observe/events.ts. */
export type CounterFields = Record<string, number>;

/** What it tells at SIGUSR2. */
export interface Told {
  connections: number;
  unanswered: number;
  counters: CounterFields;
}

/** Options of {@linkcode FaultServer.start}. */
export interface FaultServerOptions {
  /** Descriptors that the server may have open. @default {those of this process} */
  descriptors?: number;
  /** Further environment variables. */
  env?: Record<string, string>;
  /** Whether it gets these arguments only, and is not asked for a free port and the JSON log. */
  bare?: boolean;
}

/** A server process and its log. */
export class FaultServer extends ServerProcess {
  /** Where it listens. */
  addr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 0 };
  readonly #lines: string[] = [];
  readonly #log: LogEntry[] = [];
  /** How many characters of what it wrote are in `#lines`. */
  #split = 0;

  private constructor(args: string[], { descriptors, env }: FaultServerOptions) {
    const words = [Deno.execPath(), "run", "-A", `${ROOT}main.ts`, ...args];
    const limited = ["bash", "-c", `ulimit -n ${descriptors}; exec "$0" "$@"`, ...words];
    const [program, ...rest] = descriptors === undefined ? words : limited;
    super({ program, args: rest, env, cwd: ROOT, stdout: false });
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

  /** Every line that it wrote to standard error. */
  get lines(): readonly string[] {
    const { text, ended } = this.output;
    const end = ended && !text.endsWith("\n") ? text.length : text.lastIndexOf("\n") + 1;
    if (end > this.#split) {
      const fresh = text.slice(this.#split, end).replace(/\n$/, "").split("\n");
      this.#split = end;
      this.#lines.push(...fresh);
      this.#log.push(
        ...fresh.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line)),
      );
    }
    return this.#lines;
  }

  /** Those lines that are events. */
  get log(): readonly LogEntry[] {
    void this.lines;
    return this.#log;
  }

  /**
   * Waits for the first event of this type that passes `test`, from log entry `from` on.
   *
   * @throws {Error} if it does not come within so many milliseconds, or the server ends without it
   */
  event(
    type: string,
    { within: millis = STEP, from = 0, test = (_: LogEntry) => true as boolean } = {},
  ): Promise<LogEntry> {
    const isIt = (entry: LogEntry) => entry.type === type && test(entry);
    return this.output.waitUntil(
      () => this.log.slice(from).find(isIt),
      `the event ${type}`,
      millis,
    );
  }

  /** Waits until what it wrote to its standard error matches. */
  async written(pattern: RegExp): Promise<void> {
    await this.output.waitFor(pattern);
  }

  /** Asks for the counters by SIGUSR2. */
  async counters(): Promise<Told> {
    const from = this.log.length;
    this.kill("SIGUSR2");
    const { connections, unanswered, counters } = await this.event("counters", { from });
    return {
      connections: Number(connections),
      unanswered: Number(unanswered),
      counters: counters as CounterFields,
    };
  }

  /**
   * Asks for the counters until they pass `test`. @returns the first ones that do
   *
   * @throws {Error} if none do within the time of a step
   */
  async counted(test: (told: Told) => boolean): Promise<Told> {
    let over = false;
    const look = async (): Promise<Told> => {
      const told = await this.counters();
      return over || test(told) ? told : look();
    };
    try {
      return await within(look(), `counters that pass ${test}`);
    } finally {
      over = true;
    }
  }

  /** A new client. */
  connect(): Promise<LineClient> {
    return LineClient.connect(this.addr);
  }

  /** Stops it by SIGTERM. @returns its exit code and the counters at its end */
  async stop(): Promise<{ code: number; counters: CounterFields }> {
    this.kill("SIGTERM");
    const { code } = await this.status;
    const last = this.log.findLast(({ type }) => type === "stopped");
    return { code, counters: (last?.counters ?? {}) as CounterFields };
  }

  /** Kills it, if it has not ended. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.status;
  }
}
