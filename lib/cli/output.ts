/**
 * What the commands write to a person or a pipe: whole texts that end quietly if nobody reads any more, and
 * colours where they are welcome.
 */

import { stripVTControlCharacters } from "node:util";
import { block } from "../block.ts";
import { LineQueue } from "../observe/line_queue.ts";
import { reason } from "../reason.ts";
import { Failure } from "./failure.ts";
import { Pieces } from "./pieces.ts";
import { escaped } from "./visible.ts";

/** Something that takes bytes at once, as standard output and standard error do. */
export interface SyncSink {
  writeSync(bytes: Uint8Array): number;
}

/** Milliseconds after which a stream that takes nothing now is tried again. */
const RETRY_MS = 5;

/**
 * Writes a text whole. A reader that has gone away (`| head -1`) is no error, and neither is a
 * standard error that takes nothing: there is nowhere left to tell it.
 *
 * @param text The text, with its line ends.
 * @param sink Where to. @default {Deno.stdout}
 *
 * @throws {Failure} Standard output does not take it, as on a full disk.
 */
export function print(text: string, sink: SyncSink = Deno.stdout): void {
  const pieces = new Pieces(new TextEncoder().encode(text), { buffered: sink === Deno.stdout });
  while (!pieces.done) {
    try {
      pieces.taken(sink.writeSync(pieces.next));
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) {
        pieces.refused();
        block(RETRY_MS);
      } else if (sink === Deno.stderr || error instanceof Deno.errors.BrokenPipe) return;
      else throw outputFault(error);
    }
  }
}

/**
 * Writes bytes whole to standard output, as fast as its reader takes them.
 *
 * @throws {Deno.errors.BrokenPipe} Its reader is gone.
 * @throws {Failure} It does not take them, as on a full disk.
 */
export async function writeOut(bytes: Uint8Array): Promise<void> {
  const pieces = new Pieces(bytes, { buffered: true });
  while (!pieces.done) {
    try {
      pieces.taken(await Deno.stdout.write(pieces.next));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw outputFault(error);
      pieces.refused();
      await delay(RETRY_MS);
    }
  }
}

/**
 * Reads standard input, and waits where it is non-blocking and has nothing.
 *
 * @returns How many bytes came, or `null` at the end.
 *
 * @throws {Failure} It cannot be read.
 */
export async function readIn(buffer: Uint8Array): Promise<number | null> {
  for (;;) {
    try {
      return await Deno.stdin.read(buffer);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) {
        throw new Failure(`cannot read standard input: ${reason(error)}`);
      }
      await delay(RETRY_MS);
    }
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The error of a write to standard output: as it is if the reader is gone, otherwise a failure. */
function outputFault(error: unknown): Error {
  if (error instanceof Deno.errors.BrokenPipe) return error;
  return new Failure(`cannot write standard output: ${reason(error)}`);
}

/** Milliseconds for which the program's last sentence waits for a reader. */
const LAST_WORD = 1000;

/**
 * Writes a mistake to standard error, as one line without the colours that Deno's own messages may have.
 * Resolves when it is out, or nobody has taken it in time.
 */
export async function complain(message: string): Promise<void> {
  const plain = stripVTControlCharacters(message).replaceAll(/\s*[\r\n]+\s*/g, " ");
  const queue = new LineQueue({ sink: () => Deno.stderr, lost() {} });
  queue.write(`hsha: ${escaped(plain)}\n`);
  await queue.flush(LAST_WORD);
}

/** Paints texts, or leaves them as they are. */
export type Paint = (text: string) => string;

/** The few colours in use. */
export interface Colours {
  dim: Paint;
  bold: Paint;
  green: Paint;
  yellow: Paint;
  red: Paint;
  cyan: Paint;
}

/**
 * The colours for a stream: none unless it is a terminal, and none if the user says so by `NO_COLOR`
 * (https://no-color.org).
 *
 * @param stream The stream that the texts go to.
 */
export function coloursFor(stream: { isTerminal(): boolean }): Colours {
  const colourful = stream.isTerminal() && !Deno.noColor;
  const paint = (on: number, off: number): Paint => (text) =>
    colourful ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    dim: paint(2, 22),
    bold: paint(1, 22),
    green: paint(32, 39),
    yellow: paint(33, 39),
    red: paint(31, 39),
    cyan: paint(36, 39),
  };
}
