/** Test tool: the program as a process, as a user runs it. */

import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";

/** The repository's top folder. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

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

/** Runs the program to its end, with `stdin` as its whole input. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions & { stdin?: string } = {},
): Promise<Outcome> {
  const child = spawn(args, options, options.stdin === undefined ? "null" : "piped");
  const fed = options.stdin === undefined ? undefined : feed(child.stdin, options.stdin);
  try {
    const { code, stdout, stderr } = await within(child.output(), "the program's end");
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  } finally {
    await kill(child);
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
export class ServerProcess implements AsyncDisposable {
  readonly addr: Deno.NetAddr;
  readonly #child: Deno.ChildProcess;
  readonly #log: Log;

  private constructor(child: Deno.ChildProcess, log: Log, addr: Deno.NetAddr) {
    this.#child = child;
    this.#log = log;
    this.addr = addr;
  }

  /** Starts it on a free port; resolves when it listens. `args` are flags of `serve`. */
  static async start(
    args: readonly string[] = [],
    options: ProgramOptions = {},
  ): Promise<ServerProcess> {
    const child = spawn(["serve", "--port", "0", ...args], options, "null");
    const log = new Log(child.stderr);
    void child.stdout.cancel();
    const match = await log.waitFor(/listening on (.*):(\d+)|"port":(\d+)/).catch(async (error) => {
      await kill(child);
      await log.end;
      throw error;
    });
    const [, hostname = "127.0.0.1", textPort, jsonPort] = match;
    const port = Number(textPort ?? jsonPort);
    return new ServerProcess(child, log, { transport: "tcp", hostname, port });
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.#log.text;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits for standard error to match. */
  waitForLog(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#log.waitFor(pattern);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; everything on standard error has been read then. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await within(this.#child.status, "the server's end");
    await this.#log.end;
    return status;
  }

  /** Sends a signal and waits for the end. */
  stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    this.kill(signal);
    return this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kill(this.#child);
    await this.#log.end;
  }
}

/** What a process writes, as it grows. */
export class Log {
  text = "";
  /** Resolves at its end. */
  readonly end: Promise<void>;
  #grown = Promise.withResolvers<void>();
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.end = this.#read(stream);
  }

  async waitFor(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.text.match(pattern);
      if (match !== null) return match;
      if (this.#ended) throw new Error(`the program ended without ${pattern}: ${this.text}`);
      await within(this.#grown.promise, `${pattern} in ${JSON.stringify(this.text)}`);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
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

async function kill(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended already
  }
  await child.status;
}

/** The environment of this process, without colours and without what is an option of the program. */
export function environment(): Record<string, string> {
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("HSHA_"));
  return { ...Object.fromEntries(own), NO_COLOR: "1" };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
