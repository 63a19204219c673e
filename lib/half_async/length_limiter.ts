/**
 * Second stage of the framing: bounds what an endless line can cost. Of a line that is too long only one
 * byte more than the limit goes on, by which it is known; the rest is skipped.
 */

import type { NormalizedChunk } from "./newline_normalizer.ts";

/** Cuts the lines of one stream. */
export class LengthLimiter {
  readonly #max: number;
  /** Length of the line under way, so far; never more than the limit and one. */
  #length = 0;

  /** @param maxLine Longest line, in bytes */
  constructor(maxLine: number) {
    this.#max = maxLine;
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

  #cut({ text, ends, last, longest }: NormalizedChunk): NormalizedChunk {
    if (this.#length === 0 && longest === this.#max + 1) {
      this.#length = text.length - last - 1;
      return { text, ends, last, longest }; // nothing to cut: it is told by its one byte more
    }
    const lines = text.split("\n").map((line, index) => {
      if (index > 0) this.#length = 0;
      const kept = line.slice(0, this.#max + 1 - this.#length);
      this.#length += kept.length;
      return kept;
    });
    const kept = lines.join("\n");
    return { text: kept, ends, last: kept.lastIndexOf("\n"), longest: this.#max + 1 };
  }
}
