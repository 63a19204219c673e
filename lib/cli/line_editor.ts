/**
 * Turns what a person types into lines: keys go in, a text with a cursor and a history comes out. It knows no
 * screen. Plain text is one piece, however much of it comes at once, so a paste costs no more than its
 * length.
 */

/** Lines that the history keeps. */
const HISTORY_LINES = 1000;

/** An escape sequence, a line end, another control character, or a run of plain text. */
const TOKEN = // deno-lint-ignore no-control-regex -- keys are what it is for
  /\x1b(?:[[O][0-9;]*[\x20-\x2f]*[@-~]|[^])|\r\n?|[\x00-\x08\x0a-\x1f\x7f]|[\t\x20-\x7e\x80-\uffff]+/g;

/** An escape sequence whose end was not read yet. */
const UNFINISHED = // deno-lint-ignore no-control-regex -- as above
  /\x1b(?:[[O][0-9;]*[\x20-\x2f]*)?$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** How many code units are searched for the character that the cursor passes. */
const LONGEST_GRAPHEME = 64;

/** What a {@linkcode LineEditor} tells of. */
export interface EditorEvents {
  /** A line was entered. */
  onLine(line: string): void;
  /** Ctrl-D on an empty line. */
  onEnd(): void;
  /** Ctrl-C. */
  onInterrupt(): void;
  /** Ctrl-Z. */
  onSuspend(): void;
  /** Ctrl-L. */
  onClear(): void;
}

/** The line that is being typed. */
export class LineEditor {
  #before = "";
  #after = "";
  readonly #history: string[] = [];
  /** The line's place in the history; the history's length for a new line. */
  #at = 0;
  /** The new line, while a line of the history is shown. */
  #fresh = "";
  #unfinished = "";
  #afterCr = false;
  readonly #keys: Readonly<Record<string, () => void>>;

  constructor(events: EditorEvents) {
    const { onLine, onEnd, onInterrupt, onSuspend, onClear } = events;
    const enter = () => onLine(this.#enter());
    const left = () => this.#move(-this.#previous().length);
    const right = () => this.#move(this.#next().length);
    const erase = () => this.#before = this.#before.slice(0, -this.#previous().length || undefined);
    const remove = () => this.#after = this.#after.slice(this.#next().length);
    const home = () => this.#move(-this.#before.length);
    const end = () => this.#move(this.#after.length);
    const older = () => this.#recall(-1);
    const newer = () => this.#recall(1);
    const wordLeft = () => this.#move(this.#wordStart() - this.#before.length);
    const wordRight = () => this.#move(/^\s*\S*/.exec(this.#after)![0].length);
    const endOrRemove = () => this.#before + this.#after === "" ? onEnd() : remove();
    this.#keys = {
      ...{ "\r": enter, "\n": enter, "\r\n": enter },
      ...{ "\x03": onInterrupt, "\x04": endOrRemove, "\x1a": onSuspend, "\x0c": onClear },
      ...{ "\x02": left, "\x1b[D": left, "\x1bOD": left },
      ...{ "\x06": right, "\x1b[C": right, "\x1bOC": right },
      ...{ "\x7f": erase, "\b": erase, "\x1b[3~": remove },
      ...{ "\x01": home, "\x1b[H": home, "\x1bOH": home, "\x1b[1~": home },
      ...{ "\x05": end, "\x1b[F": end, "\x1bOF": end, "\x1b[4~": end },
      ...{ "\x10": older, "\x1b[A": older, "\x1bOA": older },
      ...{ "\x0e": newer, "\x1b[B": newer, "\x1bOB": newer },
      ...{ "\x1bb": wordLeft, "\x1b[1;5D": wordLeft },
      ...{ "\x1bf": wordRight, "\x1b[1;5C": wordRight },
      "\x15": () => this.#before = "",
      "\x0b": () => this.#after = "",
      "\x17": () => this.#before = this.#before.slice(0, this.#wordStart()),
    };
  }

  /** The text before the cursor. */
  get before(): string {
    return this.#before;
  }

  /** The text from the cursor on. */
  get after(): string {
    return this.#after;
  }

  /** Takes what came from the keyboard. */
  type(input: string): void {
    const text = this.#unfinished + input;
    this.#unfinished = UNFINISHED.exec(text.slice(-LONGEST_GRAPHEME))?.[0] ?? "";
    const whole = text.slice(0, text.length - this.#unfinished.length);
    for (const [token] of whole.matchAll(TOKEN)) {
      const sameEnd = this.#afterCr && token === "\n"; // of a `\r\n` that two reads have torn
      this.#afterCr = token === "\r";
      if (sameEnd) continue;
      if (Object.hasOwn(this.#keys, token)) this.#keys[token]();
      else if (token === "\t" || token >= " ") this.#before += token;
    }
  }

  #enter(): string {
    const line = this.#before + this.#after;
    if (line !== "" && line !== this.#history.at(-1)) this.#history.push(line);
    if (this.#history.length > HISTORY_LINES) this.#history.shift();
    this.#at = this.#history.length;
    this.#before = this.#after = this.#fresh = "";
    return line;
  }

  #recall(step: number): void {
    const at = this.#at + step;
    if (at < 0 || at > this.#history.length) return;
    if (this.#at === this.#history.length) this.#fresh = this.#before + this.#after;
    this.#at = at;
    this.#before = at < this.#history.length ? this.#history[at] : this.#fresh;
    this.#after = "";
  }

  #move(units: number): void {
    const at = this.#before.length + units;
    const text = this.#before + this.#after;
    this.#before = text.slice(0, at);
    this.#after = text.slice(at);
  }

  /** The character before the cursor, as a person sees characters. */
  #previous(): string {
    const near = this.#before.slice(-LONGEST_GRAPHEME);
    return [...graphemes.segment(near)].at(-1)?.segment ?? "";
  }

  /** The character after the cursor. */
  #next(): string {
    const near = this.#after.slice(0, LONGEST_GRAPHEME);
    return [...graphemes.segment(near)].at(0)?.segment ?? "";
  }

  #wordStart(): number {
    return this.#before.trimEnd().lastIndexOf(" ") + 1;
  }
}
