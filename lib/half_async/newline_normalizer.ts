/**
 * First stage of the framing: turns each line end, `\n`, `\r\n` or `\r`, into `\r` at once, so that a
 * client that ends a line with `\r` and waits gets its reply.
 */
export class NewlineNormalizer {
  /** A `\r` ended the last chunk and its line: a `\n` that opens the next chunk belongs to it. */
  #afterCr = false;

  /** The next chunk of the stream with its line ends normalised. */
  normalize(chunk: string): string {
    if (chunk.length === 0) return chunk;
    const text = this.#afterCr && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    this.#afterCr = text.endsWith("\r");
    return text.replace(/\r\n?|\n/g, "\r");
  }
}
