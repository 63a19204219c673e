/** First stage of the framing: every line end, `\n`, `\r\n` or `\r`, becomes `\n`. */

import type { Buffer } from "node:buffer";

/** A chunk whose line ends are alike. */
export interface NormalizedChunk {
  /** The chunk as a byte string; all its line ends are `\n`. */
  text: string;
  /** Number of line ends. */
  ends: number;
  /** Where the last of them is; -1 without any. */
  last: number;
  /** No piece between two line ends, or at either end of the chunk, is longer; all may be shorter. */
  longest: number;
}

/** Makes line ends alike without waiting: a client that ends a line with `\r` gets its reply at once. */
export class NewlineNormalizer {
  /** A `\r` ended the last chunk and its line: a `\n` that opens the next chunk belongs to it. */
  #afterCr = false;

  /** The next chunk of the stream: the first `length` bytes of `bytes`. */
  normalize(bytes: Buffer, length: number): NormalizedChunk {
    const chunk = bytes.toString("latin1", 0, length);
    const text = this.#afterCr || chunk.includes("\r") ? this.#unify(chunk) : chunk;
    let ends = 0;
    let last = -1;
    let longest = 0;
    for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", last + 1)) {
      longest = Math.max(longest, next - last - 1);
      last = next;
      ends++;
    }
    return { text, ends, last, longest: Math.max(longest, text.length - last - 1) };
  }

  #unify(chunk: string): string {
    if (chunk === "") return "";
    const own = this.#afterCr && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    this.#afterCr = own.endsWith("\r");
    // A third of the time of a split and a join.
    return own.replace(/\r\n?/g, "\n");
  }
}
