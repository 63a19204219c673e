/**
 * Bytes on their way to a stream that may be non-blocking: any program that shares the pipe or the terminal
 * can make it so. They are cut into pieces, so that it is always known how much was taken.
 */

const LF = 10;

/** So many bytes a pipe takes whole or not at all: Linux's PIPE_BUF. */
const PIECE_BYTES = 4096;

/** Bytes of a text without a line end that Deno's standard output keeps in a buffer, and flushes. */
const BUFFER_BYTES = 1024;

const AT_TERMINAL = Deno.stdout.isTerminal();

/**
 * Whether each line end is a piece by itself. A terminal may take a part of a piece with line ends without
 * saying how much; until it refuses for the first time, speed counts more.
 */
let careful = false;

const NOTHING = new Uint8Array(0);

/** Bytes to be written. */
export class Pieces {
  readonly #buffered: boolean;
  #rest: Uint8Array;
  #next: Uint8Array = NOTHING;
  /** Bytes of a piece that are in the stream's buffer, and still to be flushed. */
  #kept = 0;

  /**
   * @param bytes All of them.
   * @param options Whether the stream is Deno's standard output. It says "would block" even of bytes that are
   * in its buffer already; a write of nothing flushes them.
   */
  constructor(bytes: Uint8Array, { buffered }: { buffered: boolean }) {
    this.#rest = bytes;
    this.#buffered = buffered;
    this.#cut();
  }

  /** Whether all were taken. */
  get done(): boolean {
    return this.#rest.length === 0;
  }

  /** What to write now. */
  get next(): Uint8Array {
    return this.#next;
  }

  /** So many bytes of {@linkcode next} were taken. */
  taken(count: number): void {
    this.#rest = this.#rest.subarray(this.#kept + count);
    this.#kept = 0;
    this.#cut();
  }

  /** The stream would have blocked. */
  refused(): void {
    careful = AT_TERMINAL;
    const { length } = this.#next;
    if (!this.#buffered || length >= BUFFER_BYTES || this.#next.includes(LF)) return;
    this.#kept += length;
    this.#next = NOTHING;
  }

  #cut(): void {
    const rest = this.#rest;
    const lf = rest.indexOf(LF);
    if (lf < 0) this.#next = rest;
    else if (careful) this.#next = rest.subarray(0, lf || 1);
    else if (lf >= PIECE_BYTES) this.#next = rest.subarray(0, lf);
    else this.#next = rest.subarray(0, rest.subarray(0, PIECE_BYTES).lastIndexOf(LF) + 1);
  }
}
