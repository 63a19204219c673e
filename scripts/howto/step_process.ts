/**
 * A step's program in a process of its own, as a reader runs it, on a free port; and what the
 * system says of that process (Linux: /proc).
 */

import { fileURLToPath } from "node:url";

const HOWTO = new URL("../../docs/howto/", import.meta.url);
const CLOCK_TICKS_PER_SECOND = 100;

/** A program of docs/howto that listens. */
export class StepProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts a program, and waits until it says where it listens. */
  static async start(program: string): Promise<StepProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", fileURLToPath(new URL(program, HOWTO)), "0"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream());
    let said = "";
    for await (const text of output.values({ preventCancel: true })) {
      said += text;
      const port = /^listening on .*:(\d+)\n/.exec(said)?.[1];
      if (port === undefined) continue;
      output.pipeTo(new WritableStream()).catch(() => {}); // it must never wait for a reader
      return new StepProcess(child, Number(port));
    }
    throw new Error(`${program} ended before it listened: ${said}`);
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Sends a signal, as Ctrl-C in its terminal does. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Memory in use now, in MB. */
  memory(): number {
    return this.#status("VmRSS") * 1024 / 1e6;
  }

  /** The most memory in use at once so far, in MB. */
  peakMemory(): number {
    return this.#status("VmHWM") * 1024 / 1e6;
  }

  /** Threads of the process now. */
  threads(): number {
    return this.#status("Threads");
  }

  /** Processor time used so far by all its threads, in milliseconds. */
  processorTime(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.#child.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1000 / CLOCK_TICKS_PER_SECOND;
  }

  #status(name: string): number {
    const status = Deno.readTextFileSync(`/proc/${this.#child.pid}/status`);
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await this.#child.status;
  }
}
