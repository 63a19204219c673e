/**
 * The logs' way out: a bounded queue of lines in front of a stream that may be slow or gone. It never blocks
 * the reactor: the system call waits in a thread of the runtime. Lines that find no room are lost, and
 * counted.
 */

import { reason } from "../reason.ts";

/** Where bytes go: `Deno.stderr`, or an open file. */
export interface ByteSink {
  /** Takes some of the bytes; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Options of a {@linkcode LineQueue}. */
export interface LineQueueOptions {
  /** Where the lines go; asked before each write. */
  sink: () => ByteSink | Promise<ByteSink>;
  /** Called when lines are lost: how many, and why. */
  lost: (lines: number, reason: string) => void;
  /** Called when all lines are out. */
  drained?: () => void;
}

/** Most bytes that wait. If more, a stuck reader costs memory; if fewer, a burst loses lines. */
const MAX_QUEUED = 1024 * 1024;

/** Most bytes of a write, unless one line is longer: up to here, Linux never splits a write to a pipe. */
const MAX_WRITE = 4096;

/** Milliseconds until the next try, if a stream takes nothing for now. */
const RETRY = 20;

const encoder = new TextEncoder();

/** Writes lines in their order. */
export class LineQueue {
  readonly #options: LineQueueOptions;
  #lines: Uint8Array[] = [];
  /** Bytes that wait; those of the write under way do not count. */
  #size = 0;
  /** Lines that have neither left nor been lost. */
  #waiting = 0;
  /** Whether a line found no room. Then all later lines are lost, too, until the queue is empty. */
  #full = false;
  /** Resolves when the queue is empty; `undefined` if it is. */
  #leaving: Promise<void> | undefined;

  constructor(options: LineQueueOptions) {
    this.#options = options;
  }

  /** Takes a line, with its line end. */
  write(line: string): void {
    const bytes = encoder.encode(line);
    if (this.#full || this.#size + bytes.length > MAX_QUEUED) {
      this.#full = true;
      return this.#options.lost(1, "nobody takes them in time");
    }
    this.#lines.push(bytes);
    this.#size += bytes.length;
    this.#waiting++;
    this.#leaving ??= this.#leave();
  }

  /** Waits until all lines are out, at most for `millis` milliseconds. @returns how many are not */
  async flush(millis: number): Promise<number> {
    let late = false;
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      late = true;
      resolve();
    }, millis);
    while (this.#leaving !== undefined && !late) await Promise.race([this.#leaving, deadline]);
    clearTimeout(timer);
    return this.#waiting;
  }

  async #leave(): Promise<void> {
    let failed = false;
    await null; // lines that come in the same turn leave together
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      for (let from = 0; from < lines.length;) {
        const to = endOfWrite(lines, from);
        const fault = await this.#write(concat(lines.slice(from, to)));
        this.#waiting -= to - from;
        failed = fault !== undefined;
        if (failed) this.#options.lost(to - from, fault!);
        from = to;
      }
    }
    this.#full = false;
    this.#leaving = undefined;
    if (!failed) this.#options.drained?.();
  }

  /** Writes all the bytes. @returns why not, if that failed */
  async #write(bytes: Uint8Array): Promise<string | undefined> {
    this.#size -= bytes.length;
    try {
      const sink = await this.#options.sink();
      for (let rest = bytes; rest.length > 0;) {
        const count = await writeSome(sink, rest);
        if (count === 0) await new Promise((resolve) => setTimeout(resolve, RETRY));
        rest = rest.subarray(count);
      }
    } catch (error) {
      return reason(error);
    }
  }
}

/**
 * Writes as much as the stream takes. That is nothing if it is full, and another program has made it
 * non-blocking.
 */
async function writeSome(sink: ByteSink, bytes: Uint8Array): Promise<number> {
  try {
    return await sink.write(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.WouldBlock) return 0;
    throw error;
  }
}

/** Where the write that begins with line `from` ends: the index after its last line. */
function endOfWrite(lines: readonly Uint8Array[], from: number): number {
  let size = lines[from].length;
  let to = from + 1;
  while (to < lines.length && size + lines[to].length <= MAX_WRITE) size += lines[to++].length;
  return to;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
