/** Test tool: the program as a process, as a user runs it. */

import { within } from "../../scripts/tools/deadline.ts";
import { environment, Log, ROOT, signal } from "../../scripts/tools/process.ts";
import { ServerProcess as Process } from "../../scripts/tools/server_process.ts";

export { environment, Log, ROOT };

/** How to run the program. */
export interface ProgramOptions {
  /** Program and its first words; the default runs main.ts with this Deno. */
  command?: readonly string[];
  /** Environment beside this process's own. */
  env?: Record<string, string>;
  /** Whether this process's environment is kept from it. */
  clearEnv?: boolean;
  cwd?: string;
}

/** What a program that ran to its end has left. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const MAIN = [Deno.execPath(), "run", "-A", `${ROOT}main.ts`];

/** Runs the program to its end, within so many milliseconds, with `stdin` as its whole input. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions & { stdin?: string; millis?: number } = {},
): Promise<Outcome> {
  const child = spawn(args, options, options.stdin === undefined ? "null" : "piped");
  const fed = options.stdin === undefined ? undefined : feed(child.stdin, options.stdin);
  try {
    const { code, stdout, stderr } = await within(
      child.output(),
      "the program's end",
      options.millis,
    );
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  } finally {
    signal(child, "SIGKILL");
    await child.status;
    await fed;
  }
}

/** Writes a program's input; the program may end without having read it. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}

/** A server as a process, which is killed when the test is over. */
export class ServerProcess extends Process {
  readonly addr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 0 };

  /** Starts it on a free port; resolves when it listens. `args` are flags of `serve`. */
  static async start(
    args: readonly string[] = [],
    { command = MAIN, ...options }: ProgramOptions = {},
  ): Promise<ServerProcess> {
    const [program, ...words] = [...command, "serve", "--port", "0", ...args];
    const server = new ServerProcess({ program, args: words, ...options, stdout: false });
    const said = await server.starts(/listening on (.*):(\d+)|"port":(\d+)/);
    const [, hostname = "127.0.0.1", textPort, jsonPort] = said;
    Object.assign(server.addr, { hostname, port: Number(textPort ?? jsonPort) });
    return server;
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.output.text;
  }

  /** Waits for standard error to match. */
  waitForLog(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.output.waitFor(pattern);
  }

  /** Sends a signal and waits for the end. */
  stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    this.kill(signal);
    return this.ended();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.status;
  }
}

function spawn(
  args: readonly string[],
  options: ProgramOptions,
  stdin: "null" | "piped",
): Deno.ChildProcess {
  const [program, ...words] = options.command ?? MAIN;
  return new Deno.Command(program, {
    args: [...words, ...args],
    env: options.clearEnv ? options.env : { ...environment(), ...options.env },
    clearEnv: true,
    cwd: options.cwd,
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
