/**
 * The framing of one connection: chunks in, lines out, in three stages. It never blocks: a line may take many
 * chunks.
 *
 * All lines that end in one chunk come out together, as one block. Lines that a chunk holds whole need no
 * joining. Only a line torn between chunks goes through the last stage, the `TextLineStream`: a chunk's text
 * up to its first line end, and what is behind its last one. If the stream saw every chunk, clients that wait
 * for each reply would lose a sixth of their rate.
 */

import type { Buffer } from "node:buffer";
import { LineBlock } from "../queueing/line_block.ts";
import { LengthLimiter } from "./length_limiter.ts";
import { LineJoiner } from "./line_joiner.ts";
import { NewlineNormalizer, type NormalizedChunk } from "./newline_normalizer.ts";
import { tuned } from "../tuning.ts";

/** Whether chunks of whole lines skip the last stage. */
const AROUND = tuned("around", 1) === 1;

/** Frames one stream. */
export class LineFramer {
  readonly #normalizer = new NewlineNormalizer();
  readonly #limiter: LengthLimiter;
  #joiner: LineJoiner | undefined;
  /** Whether the last chunk ended within a line. */
  #torn = false;

  /**
   * @param maxLine Longest line, in bytes; a longer one comes out as its first `maxLine + 1` bytes
   * @param tooLong Told of lines as they pass it
   */
  constructor(maxLine: number, tooLong?: (lines: number) => void) {
    this.#limiter = new LengthLimiter(maxLine, tooLong);
  }

  /**
   * Takes the next bytes of the stream: the first `length` of `bytes`. They may be reused when it returns.
   *
   * @returns the lines that end in them
   */
  write(bytes: Buffer, length: number): LineBlock | Promise<LineBlock> {
    const chunk = this.#limiter.limit(this.#normalizer.normalize(bytes, length));
    const { text, ends, last, longest } = chunk;
    if (text === "") return LineBlock.EMPTY;
    const torn = this.#torn;
    this.#torn = last < text.length - 1;
    if (torn || this.#torn || !AROUND) return this.#join(chunk);
    return new LineBlock(text.slice(0, last), ends, longest);
  }

  /** The stream has ended. @returns its unterminated last line, if there is one */
  async end(): Promise<LineBlock> {
    const line = await this.#joiner?.end();
    return line === undefined ? LineBlock.EMPTY : new LineBlock(line, 1);
  }

  async #join({ text, ends, last, longest }: NormalizedChunk): Promise<LineBlock> {
    this.#joiner ??= new LineJoiner();
    if (ends === 0) {
      await this.#joiner.keep(text);
      return LineBlock.EMPTY;
    }
    const first = ends > 1 ? text.indexOf("\n") : last;
    const line = await this.#joiner.join(text.slice(0, first) + text.slice(last));
    return new LineBlock(line + text.slice(first, last), ends, Math.max(line.length, longest));
  }
}
