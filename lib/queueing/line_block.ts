/**
 * Line block: one or more lines in one string. That makes a line cheap: between the socket and the worker it
 * is only counted.
 */

/** Lines as a byte string, one code unit per byte, parted by `\n`, which no line holds. */
export class LineBlock {
  /** No line at all. */
  static readonly EMPTY = new LineBlock("", 0);
  /** The lines, parted by `\n`. */
  readonly text: string;
  /** Number of lines. */
  readonly count: number;
  /** No line is longer than this, in bytes; the longest may be shorter. */
  readonly longest: number;

  constructor(text: string, count: number, longest = text.length) {
    this.text = text;
    this.count = count;
    this.longest = longest;
  }

  /** Size in bytes; each line counts with its end, so that sizes add up. */
  get size(): number {
    return this.count === 0 ? 0 : this.text.length + 1;
  }

  /** These lines and, behind them, those of `other`. */
  concat(other: LineBlock): LineBlock {
    const longest = Math.max(this.longest, other.longest);
    return new LineBlock(`${this.text}\n${other.text}`, this.count + other.count, longest);
  }

  /** Cuts behind line `count`, which is not the last one. */
  splitAt(count: number): [head: LineBlock, tail: LineBlock] {
    let end = this.text.indexOf("\n");
    for (let line = 1; line < count; line++) end = this.text.indexOf("\n", end + 1);
    return [
      new LineBlock(this.text.slice(0, end), count, this.longest),
      new LineBlock(this.text.slice(end + 1), this.count - count, this.longest),
    ];
  }

  /** The same lines in parts: either all lines of a part pass the test, or none does. */
  *parted(test: (line: string) => boolean): Iterable<LineBlock> {
    let part: string[] = [];
    let passed = true;
    for (const line of this.lines()) {
      if (test(line) !== passed && part.length > 0) {
        yield blockOf(part);
        part = [];
      }
      passed = test(line);
      part.push(line);
    }
    if (part.length > 0) yield blockOf(part);
  }

  /** How many lines from the front fit into `bytes` bytes. */
  fitting(bytes: number): number {
    if (this.size <= bytes) return this.count;
    let lines = 0;
    let end = this.text.indexOf("\n");
    for (; end >= 0 && end < bytes; lines++) end = this.text.indexOf("\n", end + 1);
    return lines;
  }

  /** The lines one by one. */
  lines(): string[] {
    return this.text.split("\n");
  }
}

function blockOf(lines: readonly string[]): LineBlock {
  const longest = lines.reduce((most, { length }) => Math.max(most, length), 0);
  return new LineBlock(lines.join("\n"), lines.length, longest);
}
