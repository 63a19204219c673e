/**
 * What the commands write to a person or a pipe: whole texts that end quietly where nobody reads
 * any more, and colours where they are welcome.
 */

import { stripVTControlCharacters } from "node:util";
import { reason } from "../reason.ts";
import { Failure } from "./failure.ts";

/** Something that takes bytes at once, as standard output and standard error do. */
export interface SyncSink {
  writeSync(bytes: Uint8Array): number;
}

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
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(sink.writeSync(rest));
  } catch (error) {
    if (sink === Deno.stderr || error instanceof Deno.errors.BrokenPipe) return;
    throw outputFault(error);
  }
}

/** What came of a write to standard output: its reader is gone, as it is; else a failure. */
export function outputFault(error: unknown): Error {
  if (error instanceof Deno.errors.BrokenPipe) return error;
  return new Failure(`cannot write standard output: ${reason(error)}`);
}

/** A mistake's one line on standard error, without the colours that Deno's own messages may have. */
export function complain(message: string): void {
  const plain = stripVTControlCharacters(message).replaceAll(/\s*[\r\n]+\s*/g, " ");
  print(`hsha: ${plain}\n`, Deno.stderr);
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
 * The colours for a stream: none unless it is a terminal, and none where the user said so by
 * `NO_COLOR` (https://no-color.org).
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
