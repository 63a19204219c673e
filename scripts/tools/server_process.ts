/** A server as a process of its own: it has started when it has said where it listens. */

import { within } from "./deadline.ts";
import { environment, freeze, Log, signal } from "./process.ts";
import { type Usage, usageOf } from "./usage.ts";

/** How to start a program. */
export interface Command {
  program: string;
  args: readonly string[];
  /** Variables besides this process's own. */
  env?: Readonly<Record<string, string>>;
  /** Whether this process's environment is kept from it. @default {false} */
  clearEnv?: boolean;
  cwd?: string;
  /** Whether what it writes to its standard output is read with the rest. @default {true} */
  stdout?: boolean;
}

/** How a server says where it listens. */
const LISTENS = /127\.0\.0\.1:([1-9]\d*)/;
/** Milliseconds until a server that was asked to stop is killed. */
const GRACE = 3000;

/** A server that runs. */
export class ServerProcess implements AsyncDisposable {
  /** Where it listens; 0 until it does. */
  port = 0;
  /** How it ended; everything that it wrote has been read then. */
  readonly status: Promise<Deno.CommandStatus>;
  /** What it has written, to standard error and to its output. */
  protected readonly output: Log;
  readonly #child: Deno.ChildProcess;
  readonly #name: string;

  protected constructor(command: Command) {
    const { program, args, env, clearEnv, cwd, stdout = true } = command;
    this.#name = program.split(/[/\\]/).at(-1)!;
    this.#child = new Deno.Command(program, {
      args: [...args],
      env: clearEnv ? env : { ...environment(), ...env },
      clearEnv: true,
      cwd,
      stdin: "null",
      stdout: stdout ? "piped" : "null",
      stderr: "piped",
    }).spawn();
    this.output = new Log(this.#child.stderr, ...stdout ? [this.#child.stdout] : []);
    this.status = this.output.end.then(() => this.#child.status);
  }

  /**
   * Starts a server, and waits until it has said which port of 127.0.0.1 it listens on.
   *
   * @throws {Error} if it ends before, or does not say so in 20 seconds; with what it wrote
   */
  static async spawn(command: Command): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    server.port = Number((await server.starts(LISTENS))[1]);
    return server;
  }

  /** Waits for what it says when it has started. */
  protected async starts(pattern: RegExp): Promise<RegExpMatchArray> {
    try {
      return await this.output.waitFor(pattern);
    } catch (error) {
      this.kill("SIGKILL");
      await this.status;
      throw new Error(`${this.#name} does not listen: ${(error as Error).message}`);
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it has of the machine now. */
  usage(): Usage {
    return usageOf(this.pid);
  }

  /** Sends it a signal; does nothing once it has ended. */
  kill(name: Deno.Signal): void {
    signal(this.#child, name);
  }

  /** Stops it until it gets SIGCONT. Resolves when it stands still. */
  freeze(): Promise<void> {
    return freeze(this.pid);
  }

  /** Waits for its end. @throws {Error} if it does not come in time */
  ended(): Promise<Deno.CommandStatus> {
    return within(this.status, `the end of ${this.#name}`);
  }

  /** Asks it to stop, and kills it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), GRACE);
    await this.status;
    clearTimeout(timer);
  }
}
