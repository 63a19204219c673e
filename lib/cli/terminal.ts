/**
 * A person's end of a line client: a prompt with line editing and history, above which replies
 * appear while a line is being typed.
 */

import process from "node:process";
import readline from "node:readline";

/** Lines that the history keeps. */
const HISTORY_LINES = 1000;

/** What a {@linkcode Terminal} tells of. */
export interface TerminalEvents {
  /** A line was entered. */
  onLine(line: string): void;
  /** The end of the input: Ctrl-D. */
  onEnd(): void;
  /** Ctrl-C. */
  onInterrupt(): void;
}

/** The prompt on standard output, and the keyboard on standard input. */
export class Terminal {
  readonly #lines: readline.Interface;
  #closed = false;

  constructor({ onLine, onEnd, onInterrupt }: TerminalEvents) {
    this.#lines = readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: "> ",
      historySize: HISTORY_LINES,
      terminal: true,
    });
    // A terminal that has gone away takes nothing more; SIGHUP tells of it.
    process.stdout.on("error", () => {});
    this.#lines.on("line", (line: string) => {
      onLine(line);
      if (!this.#closed) this.#lines.prompt();
    });
    this.#lines.on("close", () => {
      if (this.#closed) return;
      this.#closed = true;
      process.stdout.write("\n");
      onEnd();
    });
    this.#lines.on("SIGINT", onInterrupt);
    // After Ctrl-Z and `fg` readline has paused its input, and leaves it to its owner to go on.
    this.#lines.on("SIGCONT", () => this.#lines.prompt(true));
    this.#lines.prompt();
  }

  /** Shows a line above the prompt, and the prompt with what is typed so far again. */
  show(line: string): void {
    if (this.#closed) {
      process.stdout.write(`${line}\n`);
      return;
    }
    const { rows } = this.#lines.getCursorPos();
    if (rows > 0) readline.moveCursor(process.stdout, 0, -rows);
    readline.cursorTo(process.stdout, 0);
    readline.clearScreenDown(process.stdout);
    process.stdout.write(`${line}\n`);
    // The prompt starts on a fresh row now. Without this, readline goes up by the rows it filled
    // before, and writes over the reply.
    Object.assign(this.#lines, { prevRows: 0 });
    this.#lines.prompt(true);
  }

  /** Takes the prompt away and gives the terminal back as it was. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.stdout.write("\n");
    this.#lines.close();
  }
}

/**
 * A reply as it is safe to show: control characters, which could move the cursor or worse, by their
 * pictures (`␛`), and what is no UTF-8 by `�`.
 */
export function printable(line: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(line)
    .replace(/\r$/, "")
    // deno-lint-ignore no-control-regex -- these are what it is for
    .replaceAll(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (control) => {
      const code = control.charCodeAt(0);
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "�";
    });
}
