/**
 * Wrapper Facade of the two pipes of one program, on the worker's side: writes a line, and blocks until its
 * answer is there.
 *
 * It opens the descriptors anew, as `/dev/fd/N`. So the worker has synchronous ends of its own, and the
 * reactor's event loop has no part in it. Measured: a line to a C program and back takes 11 µs, through the
 * streams of `node:child_process` 20 to 40, and through those of `Deno.Command` 70.
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { block } from "../../block.ts";
import { encodeInto } from "../../half_sync/memory/text.ts";
import { Lookout } from "./lookout.ts";

/** A write of at most so many bytes happens whole or not at all (POSIX, PIPE_BUF of Linux). */
const ATOMIC = 4096;

/** Bytes kept for lines and answers; longer ones get memory of their own. */
const BUFFER = 64 * 1024;

/** Milliseconds between two tries, while a program neither reads nor answers. */
const PAUSE = 0.5;

/** A byte that the worker itself puts into the program's output. */
const MARK = new Uint8Array([10]);

/** Whether Deno heeds O_NONBLOCK: 2.9 does, and 2.4 does not. */
const NON_BLOCKING = Deno.version.deno.localeCompare("2.9.0", "en", { numeric: true }) >= 0 &&
  Deno.build.os === "linux";

/** Why a program cannot be used any more. */
export class Broken extends Error {
  override name = "ProgramError";
}

/** The pipes of one program. */
export class LinePipe {
  readonly #maxReply: number;
  readonly #input: Deno.FsFile;
  readonly #output: Deno.FsFile;
  /** The same ends, for reads and writes that must not wait. */
  readonly #promptInput: number | undefined;
  readonly #promptOutput: number | undefined;
  #line = new Uint8Array(BUFFER);
  #answer = new Uint8Array(BUFFER);
  /** Bytes of the answer so far. */
  #length = 0;
  readonly #lookout = new Lookout();

  /** @throws {Error} if the descriptors can no longer be opened */
  constructor({ input, output }: { input: number; output: number }, maxReply: number) {
    this.#maxReply = maxReply;
    this.#input = Deno.openSync(`/dev/fd/${input}`, { write: true });
    try {
      this.#output = Deno.openSync(`/dev/fd/${output}`, { read: true });
    } catch (error) {
      this.#input.close();
      throw error;
    }
    if (!NON_BLOCKING) return;
    const { O_WRONLY, O_RDONLY, O_NONBLOCK } = fs.constants;
    this.#promptInput = fs.openSync(`/dev/fd/${input}`, O_WRONLY | O_NONBLOCK);
    this.#promptOutput = fs.openSync(`/dev/fd/${output}`, O_RDONLY | O_NONBLOCK);
  }

  /**
   * Writes a line, and waits for its answer.
   *
   * @returns the answer's bytes without its line end, valid until the next call
   * @throws {Broken} if there is no answer, or more than one
   */
  ask(line: string): Buffer {
    this.#length = 0;
    const lookout = this.#lookout;
    const pause = lookout.due(performance.now());
    if (pause >= 0 && this.#hasSpoken(pause)) {
      throw new Broken("the program wrote more than it was asked for");
    }
    lookout.asked(performance.now());
    this.#write(line);
    for (let from = 0;;) {
      const end = this.#answer.subarray(0, this.#length).indexOf(10, from);
      if (end >= 0) {
        lookout.answered(performance.now());
        return this.#take(end);
      }
      if (this.#length > this.#maxReply + 1) {
        throw new Broken(
          `the program's answer is longer than the limit of ${this.#maxReply} bytes`,
        );
      }
      from = this.#length;
      this.#read(false);
    }
  }

  /** Closes this side: the program's input ends. */
  close(): void {
    this.#input.close();
    this.#output.close();
    for (const fd of [this.#promptInput, this.#promptOutput]) {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  /** The answer up to its line end, which must be the last byte that is there. */
  #take(end: number): Buffer {
    if (end + 1 < this.#length) {
      throw new Broken("the program answered the line with more than one line");
    }
    const answer = this.#answer;
    if (answer.length > BUFFER) this.#answer = new Uint8Array(BUFFER);
    const length = end > 0 && answer[end - 1] === 13 ? end - 1 : end;
    return Buffer.from(answer.buffer, 0, length);
  }

  /**
   * Whether there is something to read although nothing was asked. To read in vain takes 40 µs, as Deno makes
   * an error of it. To write a byte into the program's output, and to find that byte alone, takes 15. The end
   * for this is closed at once: while it is open, nobody sees that the program has closed its own.
   */
  #hasSpoken(pause: number): boolean {
    if (this.#promptOutput === undefined) return false;
    if (pause > 0) block(pause);
    const { O_WRONLY, O_NONBLOCK } = fs.constants;
    const end = fs.openSync(`/dev/fd/${this.#promptOutput}`, O_WRONLY | O_NONBLOCK);
    try {
      fs.writeSync(end, MARK);
      return this.#output.readSync(this.#answer) !== 1;
    } catch (error) {
      if (isAgain(error)) return true; // the pipe is full
      throw error;
    } finally {
      fs.closeSync(end);
    }
  }

  /** Reads what is there; waits for something unless `prompt`. @returns whether there was anything */
  #read(prompt: boolean): boolean {
    if (prompt && this.#promptOutput === undefined) return false;
    if (this.#length === this.#answer.length) {
      const larger = new Uint8Array(Math.min(2 * this.#length, this.#maxReply + BUFFER));
      larger.set(this.#answer);
      this.#answer = larger;
    }
    const room = this.#answer.subarray(this.#length);
    let count: number;
    try {
      count = prompt ? fs.readSync(this.#promptOutput!, room) : this.#output.readSync(room) ?? 0;
    } catch (error) {
      if (isAgain(error)) return false;
      throw new Broken("the program cannot be read from");
    }
    if (count === 0) throw new Broken("the program ended before it answered");
    this.#length += count;
    return true;
  }

  #write(line: string): void {
    const most = 3 * line.length + 1;
    const bytes = most <= BUFFER ? this.#line : new Uint8Array(most);
    let end = encodeInto(line, bytes);
    bytes[end++] = 10;
    const isShort = end <= ATOMIC; // the pipe has room for it, as the program has read the line before it
    for (let at = 0; at < end;) {
      at += this.#writeSome(bytes.subarray(at, end), isShort);
    }
  }

  /**
   * Writes some bytes. While the program takes none, its output is read. It may answer a long line before it
   * has read all of it: otherwise it would wait for its reader, and its reader for it.
   */
  #writeSome(bytes: Uint8Array, mayWait: boolean): number {
    try {
      if (mayWait || this.#promptInput === undefined) return this.#input.writeSync(bytes);
      return fs.writeSync(this.#promptInput, bytes.subarray(0, ATOMIC));
    } catch (error) {
      if (!isAgain(error)) throw new Broken("the program ended before it answered");
    }
    if (this.#length > this.#maxReply || !this.#read(true)) block(PAUSE);
    return 0;
  }
}

function isAgain(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
