/**
 * Third stage of the framing: the `TextLineStream` of `@std/streams`, driven directly by a writer and a
 * reader. It keeps the beginning of a line until the rest has come.
 */

import { TextLineStream } from "@std/streams";

/**
 * Smaller chunks are gathered up to this size, in bytes. The stream keeps each chunk as a string of its own:
 * ungathered, a line of 64 KiB that came 3 bytes at a time took 630 KiB.
 */
const MIN_CHUNK = 1024;

/** Joins lines of one stream that were torn between chunks. */
export class LineJoiner {
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #next: Promise<ReadableStreamReadResult<string>> | undefined;
  #gathered = "";

  constructor() {
    const stream = new TextLineStream();
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
  }

  /** Takes text without a line end, and keeps it. */
  async keep(text: string): Promise<void> {
    this.#gathered += text;
    if (this.#gathered.length < MIN_CHUNK) return;
    // Without a read under way the stream would queue chunks, even empty ones, not join them.
    this.#next ??= this.#reader.read();
    await this.#writer.write(this.#takeGathered());
  }

  /** Takes text with one line end. @returns the line that it ends; it keeps the text behind that */
  async join(text: string): Promise<string> {
    this.#next ??= this.#reader.read();
    void this.#writer.write(this.#takeGathered() + text);
    const { value } = await this.#next;
    this.#next = undefined;
    return value!;
  }

  /** The stream has ended. @returns its unterminated last line, if there is one */
  async end(): Promise<string | undefined> {
    const rest = this.#takeGathered();
    if (rest !== "") void this.#writer.write(rest);
    void this.#writer.close();
    const { value } = await (this.#next ?? this.#reader.read());
    return value;
  }

  #takeGathered(): string {
    const text = this.#gathered;
    this.#gathered = "";
    return text;
  }
}
