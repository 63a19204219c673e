/**
 * Asks many lines on one connection: a bounded window of them is sent ahead, and their replies come out in
 * order. The slowest of source, server and reader sets the pace.
 */

import type { DueReply } from "./due_reply.ts";
import type { Pipeline } from "./pipeline.ts";

/** Lines to ask: an array, a generator, a stream of lines. */
export type Lines = Iterable<string> | AsyncIterable<string>;

/** The lines that have been sent, and whose replies have not been taken. */
class Window {
  readonly #pipeline: Pipeline;
  readonly #size: number;
  readonly #source: Iterator<string> | AsyncIterator<string>;
  readonly #sent: DueReply[] = [];
  /** Whether the source is being asked for a line. */
  #pulling = false;
  /** Whether the source has ended or failed by itself, so that it need not be closed. */
  #exhausted = false;
  #stopped = false;
  #ended = false;
  /** The error of the source, or of a line that cannot be sent; it is thrown behind the replies due. */
  #fault: { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(pipeline: Pipeline, { lines, size }: { lines: Lines; size: number }) {
    this.#pipeline = pipeline;
    this.#size = size;
    this.#source = Symbol.asyncIterator in lines
      ? lines[Symbol.asyncIterator]()
      : lines[Symbol.iterator]();
  }

  /** Sends lines while there is room, until the source ends or nobody wants the replies. */
  async fill(): Promise<void> {
    try {
      for (;;) {
        await this.#pipeline.writable();
        while (this.#sent.length >= this.#size && !this.#stopped) await this.#changed.promise;
        if (this.#stopped) break;
        this.#pulling = true;
        const { done, value } = await this.#source.next();
        this.#pulling = false;
        this.#exhausted = done === true;
        if (done || this.#stopped) break;
        this.#sent.push(this.#pipeline.send(value, { ahead: true }));
        this.#change();
      }
    } catch (error) {
      this.#exhausted = this.#pulling;
      this.#fault = { error };
    }
    this.#pulling = false;
    this.#ended = true;
    this.#change();
  }

  /** The next reply due, which stays in the window; `undefined` when all have been taken. */
  async next(): Promise<DueReply | undefined> {
    while (this.#sent.length === 0 && !this.#ended) await this.#changed.promise;
    if (this.#sent.length === 0 && this.#fault) throw this.#fault.error;
    return this.#sent[0];
  }

  /** The next reply has been taken: there is room for one more line. */
  shift(): void {
    this.#sent.shift();
    this.#change();
  }

  /** Sends no more, drops the replies due, and closes the source. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#change();
    for (const reply of this.#sent) reply.abandon();
    if (this.#exhausted) return;
    const closing = (async () => await this.#source.return?.())();
    // A source that is being asked for a line closes only when it has one, which may take for ever.
    if (this.#pulling) closing.catch(() => {});
    else await closing;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/**
 * Asks lines and yields their replies, in order.
 *
 * @param pipeline The connection.
 * @param options The lines, and how many of them to send ahead at most.
 */
export async function* askAll(
  pipeline: Pipeline,
  options: { lines: Lines; size: number },
): AsyncGenerator<string, void, void> {
  const window = new Window(pipeline, options);
  void window.fill();
  try {
    for (let due = await window.next(); due; due = await window.next()) {
      yield await due.take();
      window.shift();
    }
  } finally {
    await window.stop();
  }
}
