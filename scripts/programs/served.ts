/** A way to serve a program while it runs: its process and those that it has started. */

import { pause } from "../tools/pause.ts";
import { MARK } from "./mark.ts";
import { childrenOf, memoryOf, processesWith } from "./processes.ts";

/** Milliseconds within which it must listen, and for which a hung line is waited for. */
const START = 10_000;
const HANG = 1200;

/** What becomes of a line on which the program hangs. */
export interface Hang {
  /** What the client got; empty if nothing. */
  reply: string;
  /** Whether a program computes on when the client has gone. */
  runs: boolean;
}

/** A server of the comparison. */
export class Served implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #hostname = "127.0.0.1";

  private constructor(readonly port: number, [program, ...args]: string[]) {
    const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#child = new Deno.Command(program, { args, ...stdio }).spawn();
  }

  /** Starts it, and waits until it listens. @throws {Error} if it does not within 10 s */
  static async start(command: (port: number) => string[]): Promise<Served> {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr;
    free.close();
    const served = new Served(port, command(port));
    for (const end = performance.now() + START; performance.now() < end;) {
      if (await served.ask("ready", 1000).catch(() => {}) === "1 ready") return served;
      await pause(100);
    }
    await served[Symbol.asyncDispose]();
    throw new Error(`${command(port)[0]} does not listen`);
  }

  /** Sends a line on a connection of its own. @returns what came within so many milliseconds */
  async ask(line: string, millis: number): Promise<string> {
    using conn = await Deno.connect({ hostname: this.#hostname, port: this.port });
    await conn.write(new TextEncoder().encode(`${line}\n`));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), millis));
    const buffer = new Uint8Array(1024);
    const count = await Promise.race([conn.read(buffer).catch(() => null), late]);
    clearTimeout(timer);
    return count === null ? "" : new TextDecoder().decode(buffer.subarray(0, count)).trimEnd();
  }

  /** Memory of all its processes, in MiB; what they share counts once. */
  memory(): number {
    return [this.#child.pid, ...childrenOf(this.#child.pid)].reduce(
      (sum, pid) => sum + memoryOf(pid),
      0,
    );
  }

  /** Has the program hang on a line. @returns what the client got, and what is left when it has gone */
  async hang(): Promise<Hang> {
    const reply = await this.ask("hang", HANG);
    await pause(500);
    // Looked for everywhere: a program whose parent has ended is nobody's child any more.
    const time = () => processesWith(MARK).map(cpuOf).reduce((sum, each) => sum + each, 0);
    const before = time();
    await pause(400);
    return { reply, runs: time() - before > 10 };
  }

  /** Kills it with all that it has started, and every program of the comparison. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of [this.#child.pid, ...childrenOf(this.#child.pid), ...processesWith(MARK)]) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // it has ended
      }
    }
    await this.#child.status;
  }
}

/** Processor time of a process, in hundredths of a second. */
function cpuOf(pid: number): number {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ");
    return Number(stat[11]) + Number(stat[12]);
  } catch {
    return 0;
  }
}
