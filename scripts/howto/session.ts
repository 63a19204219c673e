/**
 * A shell command that runs: compares the lines that it prints, one by one, with the lines that are
 * expected.
 */

import { TextLineStream } from "@std/streams";

/** Seconds that a line may take to appear: far more than it does, on a machine with busy cores. */
const PATIENCE = 60;

/** Options of {@linkcode Session}. */
export interface SessionOptions {
  cwd: URL;
  /** The real port for each port of the page: output is compared with the page's. */
  ports: ReadonlyMap<string, string>;
}

/** A shell command that was started. */
export class Session implements AsyncDisposable {
  readonly #command: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #ports: ReadonlyMap<string, string>;

  /** Starts a command; what it says on standard error counts as output, too. */
  constructor(command: string, { cwd, ports }: SessionOptions) {
    this.#command = command;
    this.#ports = ports;
    this.#child = new Deno.Command("bash", {
      args: ["-c", `exec 2>&1; ${command}`],
      cwd,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines = this.#child.stdout
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
      .pipeThrough(new TextLineStream()).getReader();
  }

  /** The next line of output; `undefined` at its end. */
  async nextLine(): Promise<string | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`"${this.#command}" printed nothing for ${PATIENCE} s`);
      timer = setTimeout(reject, PATIENCE * 1000, error);
    });
    try {
      const { value } = await Promise.race([this.#lines.read(), late]);
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits for lines, in which `…` stands for any text.
   *
   * @throws {Error} If another line comes, or none.
   */
  async expect(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const actual = this.#asOnThePage(await this.nextLine());
      if (actual === undefined || !toPattern(line).test(actual)) {
        throw new Error(`"${this.#command}" printed ${actual ?? "nothing more"}, not ${line}`);
      }
    }
  }

  /** @throws {Error} If there is another line of output. */
  async expectEnd(): Promise<void> {
    const line = await this.nextLine();
    if (line !== undefined) throw new Error(`"${this.#command}" printed ${line}, not on the page`);
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  #asOnThePage(line: string | undefined): string | undefined {
    return [...this.#ports].reduce((text, [page, real]) => text?.replaceAll(real, page), line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await this.#child.status;
    await this.#lines.cancel();
  }
}

function toPattern(line: string): RegExp {
  const parts = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`);
}
