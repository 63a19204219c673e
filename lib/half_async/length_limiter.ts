/**
 * Second stage of the framing: bounds what an endless line can cost. Of a line that is too long only one
 * byte more than the limit goes on, by which it is known; the rest is skipped.
 */
export class LengthLimiter {
  readonly #max: number;
  /** Length of the line under way, so far; never more than the limit and one. */
  #length = 0;

  /** @param maxLine Longest line, in bytes */
  constructor(maxLine: number) {
    this.#max = maxLine;
  }

  /** The next chunk of the stream, its line ends `\r`, with every line cut to the limit and one byte. */
  limit(chunk: string): string {
    if (this.#length + chunk.length <= this.#max) { // then no line in it can be too long
      const last = chunk.lastIndexOf("\r");
      this.#length = last < 0 ? this.#length + chunk.length : chunk.length - last - 1;
      return chunk;
    }
    let kept = "";
    for (let start = 0;;) {
      const end = chunk.indexOf("\r", start);
      const piece = chunk.slice(start, end < 0 ? undefined : end);
      kept += piece.slice(0, this.#max + 1 - this.#length);
      if (end < 0) {
        this.#length = Math.min(this.#max + 1, this.#length + piece.length);
        return kept;
      }
      kept += "\r";
      this.#length = 0;
      start = end + 1;
    }
  }
}
