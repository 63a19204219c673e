/**
 * The framing of one connection: chunks in, lines out, by three stages, the last of which is the
 * `TextLineStream` of `@std/streams`. It never blocks: a line may take many chunks.
 *
 * All lines that end in one chunk come out together, as one block: of their ends only the last is shown
 * to the stream as one. Measured: a promise for each line costs 250 ns, for each block next to nothing.
 */

import type { Buffer } from "node:buffer";
import { TextLineStream } from "@std/streams";
import { LineBlock } from "../queueing/line_block.ts";
import { LengthLimiter } from "./length_limiter.ts";
import { NewlineNormalizer } from "./newline_normalizer.ts";

/** Frames one stream. */
export class LineFramer {
  readonly #normalizer = new NewlineNormalizer();
  readonly #limiter: LengthLimiter;
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #next: Promise<ReadableStreamReadResult<string>> | undefined;

  /** @param maxLine Longest line, in bytes; a longer one comes out as its first `maxLine + 1` bytes */
  constructor(maxLine: number) {
    this.#limiter = new LengthLimiter(maxLine);
    const stream = new TextLineStream();
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
  }

  /**
   * Takes the next bytes of the stream: the first `length` of `bytes`, free again when it returns.
   *
   * @returns the lines that end in them
   */
  async write(bytes: Buffer, length: number): Promise<LineBlock> {
    const { text, ends } = this.#normalizer.normalize(bytes, length);
    // Without a read under way the stream would not join chunks but queue them, empty ones too.
    this.#next ??= this.#reader.read();
    const written = this.#writer.write(this.#limiter.limit(text));
    if (ends === 0) {
      await written; // kept by the stream until a line end comes
      return LineBlock.EMPTY;
    }
    const { value } = await this.#next;
    this.#next = undefined;
    return new LineBlock(value!, ends);
  }

  /** The stream has ended. @returns its unterminated last line, if there is one */
  async end(): Promise<LineBlock> {
    void this.#writer.close();
    const { value } = await (this.#next ?? this.#reader.read());
    return value === undefined ? LineBlock.EMPTY : new LineBlock(value, 1);
  }
}
