/**
 * The log's way out: a bounded queue of lines in front of a stream that may be slow or gone. It never blocks
 * the reactor: the system call waits in a thread of the runtime. Lines that find no room are counted, so that
 * the loss can be told later.
 */

/** Where bytes go: `Deno.stderr`, an open file. */
export interface ByteSink {
  /** Takes bytes; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Options of a {@linkcode LineQueue}. */
export interface LineQueueOptions {
  /** Where the lines go; asked before each write. */
  sink: () => ByteSink | Promise<ByteSink>;
  /** Told of lines that are lost, and why. */
  lost: (lines: number, reason: string) => void;
  /** Told that all lines are out. */
  drained?: () => void;
}

/** Most bytes that wait: with more, a stuck reader costs memory; with fewer, lines are lost at a burst. */
const MAX_QUEUED = 1024 * 1024;

/**
 * Most bytes of a write, unless a line is longer: up to here, POSIX lets no other process write in between.
 */
const MAX_WRITE = 4096;

/** Milliseconds until another try, if a stream takes nothing for now. */
const RETRY = 20;

const encoder = new TextEncoder();

/** Sends lines in their order. */
export class LineQueue {
  readonly #options: LineQueueOptions;
  #lines: Uint8Array[] = [];
  /** Bytes that have not left. */
  #size = 0;
  /** Lines that have not left, nor been lost. */
  #waiting = 0;
  /** Whether a line was lost for lack of room. Later lines are lost, too, until all waiting ones are out. */
  #full = false;
  /** Settles when the write under way has ended; `undefined` if there is none. */
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

  /**
   * Waits until all lines are out, at the most for so many milliseconds.
   *
   * @returns how many are not
   */
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
    await null; // the other lines of this turn leave with this one
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

  /** Writes all of it. @returns what was wrong, if it could not be written */
  async #write(bytes: Uint8Array): Promise<string | undefined> {
    this.#size -= bytes.length; // under way, it counts no longer
    try {
      const sink = await this.#options.sink();
      for (let rest = bytes; rest.length > 0;) {
        const count = await writeSome(sink, rest);
        if (count === 0) await new Promise((resolve) => setTimeout(resolve, RETRY));
        rest = rest.subarray(count);
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/**
 * Writes as much as the stream takes now: nothing, if another program has made it non-blocking and it is
 * full.
 */
async function writeSome(sink: ByteSink, bytes: Uint8Array): Promise<number> {
  try {
    return await sink.write(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.WouldBlock) return 0;
    throw error;
  }
}

/** The index after the last line, from `from` on, that goes into the same write. */
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
