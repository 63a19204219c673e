/** Test tool: a Twisted program of the howto as a process, where a Python of this machine has Twisted. */

import { fileURLToPath } from "node:url";
import { capture, findAll } from "../../scripts/compare/programs.ts";
import { HOWTO } from "../../scripts/howto/pages.ts";
import { within } from "../../scripts/tools/deadline.ts";
import { LONG } from "./long.ts";
import { Log } from "./program.ts";

const REQUIRED = Deno.env.get("TEST_REAL_CLIENTS") === "required";

/** The first Python that can import Twisted; `undefined` where none can. */
export const TWISTED: string | undefined = await findTwisted();

async function findTwisted(): Promise<string | undefined> {
  for (const python of await findAll("python3")) {
    if ((await capture(python, { args: ["-c", "import twisted"] })).ok) return python;
  }
}

/** A test that takes long and needs Twisted: left out without it, or a failure with TEST_REAL_CLIENTS=required. */
export function twistedTest(name: string, fn: () => Promise<void>): void {
  const missing = TWISTED === undefined;
  Deno.test({
    name: missing && !REQUIRED ? `${name} (skipped: no python3 has Twisted)` : name,
    ignore: LONG.ignore || missing && !REQUIRED,
    fn() {
      if (!missing) return fn();
      throw new Error('TEST_REAL_CLIENTS is "required", and no python3 has Twisted');
    },
  });
}

/** A program of docs/howto/twisted that listens on a free port, and is killed when its test is over. */
export class TwistedStep implements AsyncDisposable {
  readonly addr: Deno.NetAddr;
  readonly #child: Deno.ChildProcess;
  readonly #logs: readonly Log[];

  private constructor(child: Deno.ChildProcess, logs: readonly Log[], port: number) {
    this.#child = child;
    this.#logs = logs;
    this.addr = { transport: "tcp", hostname: "127.0.0.1", port };
  }

  /** Where a program is. */
  static path(name: string): string {
    return fileURLToPath(new URL(`twisted/${name}`, HOWTO));
  }

  /** Starts a program, and waits until it listens. */
  static async start(name: string): Promise<TwistedStep> {
    const child = new Deno.Command(TWISTED!, {
      args: [TwistedStep.path(name), "0"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const logs = [new Log(child.stdout), new Log(child.stderr)];
    const [, port] = await logs[0].waitFor(/^listening on .*:(\d+)$/m);
    return new TwistedStep(child, logs, Number(port));
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#logs[0].text;
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; everything that it printed has been read then. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await within(this.#child.status, "the end of the Twisted program");
    await Promise.all(this.#logs.map(({ end }) => end));
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await this.ended();
  }
}
