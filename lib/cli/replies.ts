/**
 * Turns the bytes that come to `hsha connect` into lines to show, and measures how long each took. No reply
 * is kept whole: it may be larger than the memory.
 */

const LF = 10;
const CR = 13;

/** A line, or a part of a long one. */
export interface LinePiece {
  readonly line: Uint8Array;
  /** Whether it is the line's beginning. */
  readonly begins: boolean;
}

/** Cuts chunks of bytes into lines that end with `\n`, which is left out. */
export class LineSplitter {
  readonly #longest: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #begins = true;

  /** @param longest A line of at least so many bytes is handed on before it ends. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that a chunk completes; they stay as they are when the chunk is overwritten. */
  *push(chunk: Uint8Array): Generator<LinePiece> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#keep(chunk.slice(start, end));
      start = end + 1;
      yield { begins: this.#begins, line: this.end() };
      this.#begins = true;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
    if (this.#length < this.#longest) return;
    yield { begins: this.#begins, line: this.end() };
    this.#begins = false;
  }

  /** What came after the last line end and was not handed on. */
  end(): Uint8Array {
    const line = join(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

/** Puts a text before each line. */
export class TimeStamp {
  readonly #text: () => string;
  #within = false;

  /** @param text Called when a line begins. */
  constructor(text: () => string) {
    this.#text = text;
  }

  /** A chunk of bytes with what stands before the lines that begin in it. */
  mark(chunk: Uint8Array): Uint8Array {
    const encoder = new TextEncoder();
    const parts: Uint8Array[] = [];
    for (let start = 0, end; start < chunk.length; start = end) {
      if (!this.#within) parts.push(encoder.encode(this.#text()));
      const lf = chunk.indexOf(LF, start);
      this.#within = lf < 0;
      end = this.#within ? chunk.length : lf + 1;
      parts.push(chunk.subarray(start, end));
    }
    return join(parts);
  }
}

/** Measures how long replies take; they come in the order of their lines. */
export class Stopwatch {
  /** Runs of lines that were sent together, oldest first. */
  #waiting: { lines: number; sentAt: number }[] = [];
  #afterCr = false;
  #inLine = false;

  /** Notes the lines whose ends (`\n`, `\r`, `\r\n`) are in these bytes as sent now. */
  sent(bytes: Uint8Array): void {
    let lines = 0;
    for (const byte of bytes) {
      const isEnd = byte === CR || byte === LF && !this.#afterCr;
      if (isEnd) lines++;
      this.#inLine = byte !== CR && byte !== LF;
      this.#afterCr = byte === CR;
    }
    if (lines > 0) this.#waiting.push({ lines, sentAt: performance.now() });
  }

  /** Notes the end of what is sent, which ends a last line too. */
  ended(): void {
    if (this.#inLine) this.#waiting.push({ lines: 1, sentAt: performance.now() });
  }

  /** Milliseconds that the next reply took; `undefined` where no line is unanswered. */
  answered(): number | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    first.lines -= 1;
    if (first.lines === 0) this.#waiting.shift();
    return performance.now() - first.sentAt;
  }
}

/** Several arrays of bytes as one. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
