/**
 * A person's end of a line client: a prompt on the last row of the screen. Replies appear above it while a
 * line is being typed. Of a long line only the part around the cursor is shown.
 */

import { readIn, writeOut } from "./output.ts";
import { LineEditor } from "./line_editor.ts";
import { printable } from "./visible.ts";

const WINDOWS = Deno.build.os === "windows";

const PROMPT = "> ";

/** Bytes read from the keyboard at once; a terminal hands over at most 4 KiB. */
const KEYS_BYTES = 4096;

/** Milliseconds that the last output may take: a terminal may be stopped. */
const LAST_WORDS_MS = 200;

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
  readonly #editor: LineEditor;
  readonly #onEnd: () => void;
  /** Settles when everything so far has been written. */
  #written = Promise.resolve();
  /** Whether the prompt will be drawn anyway, once what is under way has been written. */
  #stale = false;
  /** Whether lines are taken from the keyboard. */
  #open = true;

  constructor({ onLine, onEnd, onInterrupt }: TerminalEvents) {
    this.#onEnd = onEnd;
    this.#editor = new LineEditor({
      onLine: (line) => {
        // What was entered stays on the screen, above the next prompt.
        void this.#write(`${ROW_START}${PROMPT}${printable(line)}\n`);
        onLine(line);
      },
      onEnd: () => this.#end(),
      onInterrupt,
      onSuspend: () => this.#suspend(),
      onClear: () => void this.#write("\x1b[H\x1b[2J"),
    });
    Deno.stdin.setRaw(true);
    if (!WINDOWS) Deno.addSignalListener("SIGCONT", this.#resume);
    this.#draw();
    void this.#readKeys();
  }

  /** Shows lines above the prompt, and the prompt with what is typed so far again. */
  async show(lines: readonly string[]): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join("");
    const written = this.#write(this.#open ? ROW_START + text : text);
    this.#draw();
    await written;
  }

  /** Leaves the prompt, and gives the terminal back as it was. */
  async close(): Promise<void> {
    if (this.#open) void this.#write("\n");
    this.#open = false;
    giveBack();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const time = new Promise((resolve) => timer = setTimeout(resolve, LAST_WORDS_MS));
    await Promise.race([this.#written, time]);
    clearTimeout(timer);
  }

  /** As {@linkcode close}, for a program that ends now. */
  closeNow(): void {
    giveBack();
    try {
      if (this.#open) Deno.stdout.writeSync(new TextEncoder().encode("\n"));
    } catch {
      // it has gone away, or does not take what is being written
    }
  }

  async #readKeys(): Promise<void> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const buffer = new Uint8Array(KEYS_BYTES);
    while (this.#open) {
      // A terminal that has gone away is an end as well.
      const count = await readIn(buffer).catch(() => null);
      if (!this.#open) return;
      if (count === null) return this.#end();
      this.#editor.type(decoder.decode(buffer.subarray(0, count), { stream: true }));
      this.#draw();
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    void this.#write("\n");
    giveBack(); // from now on Ctrl-C is a signal
    this.#onEnd();
  }

  /** Stops as Ctrl-Z does anywhere else; the shell's `fg` or `bg` sends SIGCONT. */
  #suspend(): void {
    if (WINDOWS) return;
    giveBack();
    void this.#write("\n").then(() => Deno.kill(Deno.pid, "SIGTSTP"));
  }

  readonly #resume = () => {
    if (!this.#open) return;
    Deno.stdin.setRaw(true);
    this.#draw();
  };

  /** Draws the prompt, once for all changes until the terminal has taken what came before. */
  #draw(): void {
    if (this.#stale) return;
    this.#stale = true;
    void this.#write(() => {
      this.#stale = false;
      return this.#open ? this.#row() : "";
    });
  }

  /** The row of the prompt. The terminal counts columns: the cursor goes back to where it was saved. */
  #row(): string {
    const room = Math.max(8, (Deno.consoleSize().columns || 80) - PROMPT.length - 1);
    const before = tail(printable(this.#editor.before.slice(-room)), room);
    const after = printable(this.#editor.after.slice(0, room)).slice(0, room);
    return `${ROW_START}\x1b[?7l${PROMPT}${before}\x1b7${after}\x1b8\x1b[?7h`;
  }

  #write(text: string | (() => string)): Promise<void> {
    const encoder = new TextEncoder();
    this.#written = this.#written
      .then(() => writeOut(encoder.encode(typeof text === "string" ? text : text())))
      .catch(() => {}); // a terminal that has gone away takes nothing more; SIGHUP tells of it
    return this.#written;
  }
}

/** Gives the terminal back as it was, if it is still there. */
function giveBack(): void {
  try {
    Deno.stdin.setRaw(false);
  } catch {
    // it has gone away
  }
}

/** Goes to the start of the row, and clears it. */
const ROW_START = "\r\x1b[K";

/** The end of a text that fills at most so many columns; a character beyond ASCII may take two. */
function tail(text: string, columns: number): string {
  const characters = [...text];
  let from = characters.length;
  for (let left = columns; from > 0; from--) {
    left -= characters[from - 1] < "\u0300" ? 1 : 2;
    if (left < 0) break;
  }
  return characters.slice(from).join("");
}
