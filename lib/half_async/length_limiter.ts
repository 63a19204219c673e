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

  /** The next normalised chunk, with every line cut to the limit and one byte. */
  limit(chunk: string): string {
    const last = chunk.indexOf("\n"); // there is no other
    if (this.#canBeTooLong(chunk, last)) return this.#cut(chunk);
    this.#length = last < 0 ? this.#length + chunk.length : chunk.length - last - 1;
    return chunk;
  }

  /** Whether a line may be too long, judged by the line under way and the size of all others. */
  #canBeTooLong(chunk: string, last: number): boolean {
    if (this.#length + chunk.length <= this.#max) return false;
    if (last < 0) return true;
    const first = chunk.indexOf("\r");
    const end = first < 0 ? last : first;
    return this.#length + end > this.#max || chunk.length - end > this.#max;
  }

  #cut(chunk: string): string {
    let kept = "";
    for (const piece of chunk.split(/([\r\n])/)) {
      if (piece === "\r" || piece === "\n") {
        kept += piece;
        this.#length = 0;
      } else {
        kept += piece.slice(0, this.#max + 1 - this.#length);
        this.#length = Math.min(this.#max + 1, this.#length + piece.length);
      }
    }
    return kept;
  }
}
