/** Test tool: an example of docs/examples, served by the command of its first lines. */

import { ROOT } from "./program.ts";
import { freePort } from "./free_port.ts";
import { RealProgram } from "./real_program.ts";

/** Where the examples are. */
export const EXAMPLES = `${ROOT}docs/examples/`;

/** How an example is served. */
export interface ExampleOptions {
  /** Files of the folder it runs in, by name. */
  files?: Readonly<Record<string, string>>;
  /** Its argument, in the place of the command's own; the grants follow it. */
  argument?: string;
  /** @default {127.0.0.1} */
  host?: string;
  /** @default {a free one} */
  port?: number;
}

/** The words behind `main.ts` in the command that an example's first lines give. */
export function commandOf(name: string): string[] {
  const lines = Deno.readTextFileSync(EXAMPLES + name).split("\n");
  const head = lines.slice(0, lines.findIndex((line) => !line.startsWith("//")));
  const text = head.map((line) => line.replace(/^\/\/ */, "")).join(" ");
  const [, words] = text.match(/\bdeno run -A main\.ts (.*)$/)!;
  return words.split(" ");
}

/** A running example. */
export class ExampleServer implements AsyncDisposable {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  readonly program: RealProgram;

  private constructor(program: RealProgram, addr: Deno.NetAddr) {
    this.program = program;
    this.addr = addr;
  }

  get port(): number {
    return this.addr.port;
  }

  /** Starts it in a folder of its own, and waits until it listens. */
  static async start(name: string, options: ExampleOptions = {}): Promise<ExampleServer> {
    const { host = "127.0.0.1", port = freePort(), files = {} } = options;
    let words = commandOf(name);
    const argument = words.at(-1)!;
    if (options.argument !== undefined) {
      words = words.map((word) => word.replace(argument, options.argument!));
    }
    const own = words.indexOf("--port");
    if (own >= 0) words.splice(own, 2);
    const handler = words.indexOf("--handler") + 1;
    words[handler] = ROOT + words[handler];
    const args = ["run", "-A", `${ROOT}main.ts`, "--host", host, "--port", String(port), ...words];
    const env = { NO_COLOR: "1" };
    const program = await RealProgram.start(Deno.execPath(), { args, files, env });
    try {
      await program.logs(/listening on/);
      return new ExampleServer(program, { transport: "tcp", hostname: host, port });
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The path of a file in the folder it runs in. */
  file(name: string): string {
    return this.program.folder.file(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}
