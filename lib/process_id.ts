/**
 * What tells this process from every other: the part of a connection's ID that those of other processes
 * do not have.
 */

/** Bits of it: with a million processes, two are alike in one of 560 services. */
const BITS = 48;

/** An ID of this process: letters and digits, another one at each start, whatever else the machine runs. */
export const processId: string = draw();

function draw(): string {
  const words = crypto.getRandomValues(new Uint16Array(BITS / 16));
  return words.reduce((number, word) => number * 2 ** 16 + word, 0).toString(36);
}
