/** Test tool: a program at a terminal, as a person runs it. `script` of util-linux makes the terminal. */

import { within } from "../../scripts/tools/deadline.ts";
import { isFile } from "../../scripts/tools/process.ts";
import { Log, ROOT } from "./program.ts";

const SCRIPT = "/usr/bin/script";

/** How a test that needs a terminal is ignored where there is none. */
export const AT_TERMINAL = { ignore: Deno.build.os !== "linux" || !isFile(SCRIPT) };

/** The words for a shell that run the program. */
export const PROGRAM = `"${Deno.execPath()}" run -A "${ROOT}main.ts"`;

/** What a {@linkcode Terminal} is like. */
interface TerminalOptions {
  /** Columns of the screen. @default {80} */
  columns?: number;
  /** Environment beside this process's own. */
  env?: Record<string, string>;
}

/** A terminal and the shell commands that run at it. */
export class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #screen: Log;

  /** @param commands What `sh` runs, in the foreground of the terminal. */
  constructor(commands: string, { columns = 80, env }: TerminalOptions = {}) {
    this.#child = new Deno.Command(SCRIPT, {
      args: ["-qec", `stty cols ${columns}; ${commands}`, "/dev/null"],
      env: { SHELL: "/bin/sh", TERM: "xterm", NO_COLOR: "", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#screen = new Log(this.#child.stdout);
  }

  /** Everything that was written to the screen so far, with `␛` for ESC. */
  get screen(): string {
    return this.#screen.text.replaceAll("\x1b", "␛");
  }

  /** Presses keys. */
  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits for what was written to the screen to match; ESC is `\x1b` there. */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#screen.waitFor(pattern);
  }

  /** Waits for the end; resolves to the exit code of the last command. */
  async ended(): Promise<number> {
    const { code } = await within(this.#child.status, "the end of what runs at the terminal");
    await this.#screen.end;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended already
    }
    await this.#child.status;
    await this.#screen.end;
    await this.#keys.close().catch(() => {});
  }
}
