/**
 * Second stage of the framing: bounds what an endless line can cost. It cuts a line that is too long one byte
 * above the limit, which marks it, and skips the rest.
 */

import type { NormalizedChunk } from "./newline_normalizer.ts";

/** Cuts the lines of one stream. */
export class LengthLimiter {
  readonly #max: number;
  /** Length of the unfinished line so far; the limit and one at the most. */
  #length = 0;

  readonly #tooLong: (lines: number) => void;

  /**
   * @param maxLine Longest line, in bytes
   * @param tooLong Told of lines as soon as they pass it, before they end
   */
  constructor(maxLine: number, tooLong: (lines: number) => void = () => {}) {
    this.#max = maxLine;
    this.#tooLong = tooLong;
  }

  /** The next chunk, with every line cut to the limit and one byte. */
  limit(chunk: NormalizedChunk): NormalizedChunk {
    const { text, last } = chunk;
    if (this.#holdsTooLong(chunk)) return this.#cut(chunk);
    this.#length = last < 0 ? this.#length + text.length : text.length - last - 1;
    return chunk;
  }

  #holdsTooLong({ text, ends, longest }: NormalizedChunk): boolean {
    if (longest > this.#max) return true;
    if (this.#length === 0) return false;
    const first = ends === 0 ? text.length : text.indexOf("\n");
    return this.#length + first > this.#max;
  }

  #cut({ text, ends }: NormalizedChunk): NormalizedChunk {
    let passed = 0;
    const lines = text.split("\n").map((line, index) => {
      if (index > 0) this.#length = 0;
      const kept = line.slice(0, this.#max + 1 - this.#length);
      this.#length += kept.length;
      if (kept !== "" && this.#length > this.#max) passed++;
      return kept;
    });
    if (passed > 0) this.#tooLong(passed);
    const kept = lines.join("\n");
    return { text: kept, ends, last: kept.lastIndexOf("\n"), longest: this.#max + 1 };
  }
}
